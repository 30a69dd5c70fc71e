import Aggregation
import FuzzSupport

/// A run's aggregate from a store that somebody may have damaged: what is accepted writes the same bytes again.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzAggregate(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        do throws(AggregationError) {
            let aggregate = try RunAggregate(bytes: bytes)
            demand(aggregate.bytes == bytes, "an accepted aggregate writes the same bytes again")
        } catch {
            demand(!error.description.isEmpty, "an error has words")
        }
    }
}

import Delivery
import FuzzSupport
import Telemetry

/// What agents say of themselves and to requests, as a collector and an operator's program read it: what they read they also write.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzAnswer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        if let answer = try? Answer(json: bytes) {
            let again = demanded("an answer can be read back") { () throws(DeliveryError) in
                try Answer(json: answer.json)
            }
            // Not the values: a number such as 5e2 is written as an integer.
            demand(again.json == answer.json, "an answer is the same after writing and reading")
        }
        guard let pulse = try? Pulse(json: bytes) else { return }
        let again = demanded("a pulse can be read back") { () throws(DeliveryError) in try Pulse(json: pulse.json) }
        demand(again.pending == pulse.pending && again.install == pulse.install, "a pulse tells the same of what waits")
        _ = pulse.pendingFrames
    }
}

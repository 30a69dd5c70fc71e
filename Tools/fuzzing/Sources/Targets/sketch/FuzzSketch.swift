import FuzzSupport
import Statistics

/// A sketch from a store that somebody may have damaged: what is accepted writes the same bytes again, answers every question
/// within its extremes, and merges with itself.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzSketch(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 64) { bytes in
        let sketch: Sketch
        do throws(StatisticsError) {
            sketch = try Sketch(serialized: bytes)
        } catch {
            demand(!error.description.isEmpty, "an error has words")
            return
        }
        demand(sketch.serialized() == bytes, "an accepted sketch writes the same bytes again")
        _ = sketch.mean
        for level in [0, 0.05, 0.5, 0.95, 1] {
            guard let quantile = try? sketch.quantile(level), let least = sketch.minimum, let most = sketch.maximum
            else { continue }
            demand(least <= quantile && quantile <= most, "a quantile lies within the extremes")
        }
        var twice = sketch
        guard (try? twice.merge(sketch)) != nil else { return }
        let again = demanded("a merged sketch can be read back") { () throws(StatisticsError) in
            try Sketch(serialized: twice.serialized())
        }
        demand(again == twice, "a merged sketch is the same after writing and reading")
    }
}

/// One piece of work that is measured, with everything it needs made beforehand.
protocol Kernel: AnyObject {
    /// Samples that one pass takes from their one form to the other.
    var samplesPerPass: Int { get }
    /// Bytes that all passes of one round make; nil where bytes are not what the work is about.
    var bytesPerPass: Double? { get }
    /// The inputs come around again after so many passes.
    var round: Int { get }

    func pass() throws
}

/// Under this function, and nothing else, instructions are counted: `Tools/benchmarks/run` knows it by name. It stays whole, so
/// that it is entered once a measurement.
@inline(never)
@_optimize(none)
func measuredWork(_ kernel: any Kernel, passes: Int) throws {
    // Not a range: unoptimized, it would take memory for every element, and that would be counted.
    var left = passes
    while left > 0 {
        try kernel.pass()
        left -= 1
    }
}

/// Where results go that nobody reads, so that no optimizer takes their making for needless.
@inline(never)
@_optimize(none)
func consume(_ value: some Any) {}

/// Why a measurement is not possible.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

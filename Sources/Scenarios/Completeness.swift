package import Configuration

/// How complete the data must be for a pass.
package struct Completeness: Hashable, Sendable {
    /// The largest share of accepted samples that may be lost; 0 where the definition does not say.
    package let lossAtMost: Double
    /// The longest time that a metric with `every` may be silent within a run, nanoseconds; nil: no limit.
    package let gapAtMost: Int64?
    /// The least share of expected samples that there must be; nil: no limit.
    package let coverageAtLeast: Double?
    /// The largest bound on a clock's error, nanoseconds; nil: no limit.
    package let clockErrorAtMost: Int64?
    /// The largest share of a metric's samples that may lie outside their sensor's range or come after its calibration's end; nil where the
    /// definition does not say, which is 0 for the samples that are known to.
    package let markedAtMost: Double?

    /// What holds for a definition that does not say: nothing may be lost.
    package init() {
        lossAtMost = 0
        gapAtMost = nil
        coverageAtLeast = nil
        clockErrorAtMost = nil
        markedAtMost = nil
    }
}

extension Completeness: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        lossAtMost = reader.value("loss-at-most", as: .ratio, default: 0)
        gapAtMost = reader.optional("gap-at-most", as: .nanoseconds(in: 1...))
        coverageAtLeast = reader.optional("coverage-at-least", as: .ratio)
        clockErrorAtMost = reader.optional("clock-error-at-most", as: .nanoseconds(in: 1...))
        markedAtMost = reader.optional("marked-at-most", as: .ratio)
    }
}

import Testing

@testable import Statistics

@Suite("Sketches against adversaries")
struct SketchAdversaryTests {
    /// The estimate of a rank lies within α; magnitudes below the smallest normal number are read as zero.
    private func expectGuarantee(
        _ values: [Double], relativeError: Double, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var sketch = try Sketch(relativeError: relativeError, bucketLimit: 65536)
        for value in values { sketch.insert(value) }
        try expectGuarantee(sketch, values.sorted(), name, sourceLocation: sourceLocation)
    }

    private func expectGuarantee(
        _ sketch: Sketch, _ sorted: [Double], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(sketch.count == sorted.count && !sketch.isCollapsed, "\(name)", sourceLocation: sourceLocation)
        var worst = 0.0
        // A step without a common factor with the ten values about an edge, and the last ones of all.
        let step = sorted.count > 300 ? 7 : 1
        for (index, value) in sorted.enumerated() where index % step == 0 || index > sorted.count - 4 {
            let q = sorted.count == 1 ? 0 : min((Double(index) + 0.5) / Double(sorted.count - 1), 1)
            let estimate = try #require(try sketch.quantile(q))
            let isTiny = abs(value) < .leastNormalMagnitude
            if !isTiny { worst = max(worst, abs(estimate / value - 1)) }
            if isTiny, index > 0, index < sorted.count - 1 {
                #expect(estimate == 0, "\(name), rank \(index + 1)", sourceLocation: sourceLocation)
            }
            let enclosure = try #require(sketch.enclosure(ofRank: index + 1))
            #expect(
                enclosure.contains(isTiny ? 0 : value), "\(name), rank \(index + 1)", sourceLocation: sourceLocation)
        }
        #expect(worst <= sketch.relativeError, "\(name): \(worst)", sourceLocation: sourceLocation)
    }

    @Test("values on both sides of every bucket's edge keep the error, over the whole range of doubles")
    func edges() throws {
        for relativeError in [0.02, 0.2] {
            let mapping = LogarithmicMapping(relativeError: relativeError)
            let first = mapping.index(of: .leastNormalMagnitude)
            let last = mapping.index(of: .greatestFiniteMagnitude)
            let stride = max((last - first) / 150, 1)
            var values: [Double] = []
            for index in Swift.stride(from: first + 1, through: last, by: stride) {
                let edge = mapping.lowerEdge(of: index)
                for value in [edge * (1 - 4e-12), edge.nextDown, edge, edge.nextUp, edge * (1 + 4e-12)] {
                    values += [value, -value]
                }
            }
            try expectGuarantee(values, relativeError: relativeError, "edges at \(relativeError)")
        }
    }

    @Test("a geometric stream in steps of γ and of its root keeps the error, up, down, and shuffled")
    func geometric() throws {
        for relativeError in [0.001, 0.05] {
            let gamma = (1 + relativeError) / (1 - relativeError)
            for factor in [gamma, gamma.squareRoot(), 1 / gamma] {
                let rising = Array(sequence(first: 1.0) { $0 * factor }.prefix(900))
                try expectGuarantee(rising, relativeError: relativeError, "rising by \(factor)")
                try expectGuarantee(rising.reversed(), relativeError: relativeError, "falling by \(factor)")
                var generator = SeededGenerator(seed: 121)
                try expectGuarantee(
                    rising.shuffled(using: &generator), relativeError: relativeError, "shuffled by \(factor), seed 121")
            }
        }
    }

    @Test("subnormal numbers are zeros, the extremes of the range are themselves")
    func extremes() throws {
        let tiny = Double.leastNonzeroMagnitude
        try expectGuarantee(
            [-tiny, tiny, 0x1p-1030, -0x1p-1030, 0, -0.0, .leastNormalMagnitude, -.leastNormalMagnitude],
            relativeError: 0.01, "subnormal")
        let large = Double.greatestFiniteMagnitude
        try expectGuarantee(
            [-large, -large, large.nextDown, large, large, .leastNormalMagnitude, .leastNormalMagnitude.nextUp, 1],
            relativeError: 0.02, "the whole range")
        var only = try Sketch()
        for _ in 0..<3 { only.insert(0x1p-1060) }
        #expect(try only.minimum == 0 && only.maximum == 0 && only.quantile(0.5) == 0 && only.sum == 0)
    }

    @Test("sorted streams that move the window from one end of the range to the other keep what the limit promises")
    func sweeping() throws {
        let rising = (-300...300).map { Double(sign: .plus, exponent: $0, significand: 1.3) }
        for values in [rising, rising.reversed(), rising.map { -$0 }] {
            var sketch = try Sketch(relativeError: 0.01, bucketLimit: 512)
            for value in values { sketch.insert(value) }
            #expect(sketch.isCollapsed)
            let sorted = values.sorted()
            let reach = (1.01 / 0.99) as Double
            for (index, value) in sorted.enumerated() {
                let enclosure = try #require(sketch.enclosure(ofRank: index + 1))
                #expect(enclosure.contains(value))
                // The largest magnitudes, over a factor of γ^500, are known as well as ever.
                let top = abs(sorted[0]) > abs(sorted[600]) ? abs(sorted[0]) : sorted[600]
                if abs(value) > top / pow(reach, 500) {
                    #expect(enclosure.upperBound - enclosure.lowerBound <= 0.021 * abs(value))
                }
            }
        }
    }

    @Test("any tree of merges over any cut gives the sketch of the whole, to the byte")
    func trees() throws {
        let seed: UInt64 = 122
        var generator = SeededGenerator(seed: seed)
        for limit in [16, 300, 65536] {
            let values = (0..<600).map { _ in
                Double(
                    sign: Bool.random(using: &generator) ? .plus : .minus,
                    exponent: Int.random(in: -1040...1000, using: &generator), significand: 1 + generator.unit())
            }
            var whole = try Sketch(relativeError: 0.02, bucketLimit: limit)
            for value in values { whole.insert(value) }
            for leaves in [2, 7, 64] {
                var parts = [Sketch](repeating: try Sketch(relativeError: 0.02, bucketLimit: limit), count: leaves)
                for value in values { parts[Int.random(in: 0..<leaves, using: &generator)].insert(value) }
                while parts.count > 1 {
                    parts.shuffle(using: &generator)
                    var left = parts.removeLast()
                    // Through bytes and back, as parts travel.
                    try left.merge(try Sketch(serialized: parts.removeLast().serialized()))
                    parts.append(left)
                }
                #expect(parts[0] == whole && parts[0].serialized() == whole.serialized(), "\(leaves), seed \(seed)")
            }
            if limit == 65536 { try expectGuarantee(whole, values.map(flushed).sorted(), "merged, seed \(seed)") }
        }
    }

    @Test("masses of equal values lie where their ranks say")
    func masses() throws {
        var sketch = try Sketch()
        for step in 0..<200_000 { sketch.insert(step % 2 == 0 ? 5 : step % 4 == 1 ? 1 : 9) }
        #expect(abs(try #require(try sketch.quantile(0.5)) - 5) <= 0.05)
        #expect(abs(try #require(try sketch.quantile(0.2499)) - 1) <= 0.01)
        #expect(abs(try #require(try sketch.quantile(0.2501)) - 5) <= 0.05)
        #expect(abs(try #require(try sketch.quantile(0.7501)) - 9) <= 0.09)
    }

    private func flushed(_ value: Double) -> Double { abs(value) < .leastNormalMagnitude ? 0 : value }

    private func pow(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * base }
    }
}

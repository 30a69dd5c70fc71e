import Testing

@testable import Statistics

/// Streams that try a sketch: name and values.
private func streams(seed: UInt64) -> [(name: String, values: [Double])] {
    var generator = SeededGenerator(seed: seed)
    let geometric = Array(sequence(first: 1e-6) { $0 * (1.01 / 0.99) }.prefix(1500))
    return [
        ("uniform", (0..<2000).map { _ in generator.unit() }),
        ("heavy tail", (0..<2000).map { _ in 1 / (1e-9 + generator.unit()) }),
        ("both signs and zeros", (0..<2000).map { i in i % 10 == 0 ? 0 : 200 * (generator.unit() - 0.5) }),
        ("powers of two", (-80..<80).map { Double(sign: .plus, exponent: $0, significand: 1) }),
        ("just below powers of two", (-80..<80).map { Double(sign: .plus, exponent: $0, significand: 1).nextDown }),
        ("two thirds of the way", (0..<160).map { Double(sign: .plus, exponent: $0 - 80, significand: 5.0 / 3) }),
        ("geometric at γ", geometric),
        ("descending", (0..<2000).map { 1e3 - Double($0) / 3 }),
        ("constant", [Double](repeating: -3.7, count: 1000)),
        ("two clusters", (0..<2000).map { $0 % 2 == 0 ? 1e-6 * (1 + generator.unit()) : 1e6 * (1 + generator.unit()) }),
    ]
}

@Suite("Sketches")
struct SketchTests {
    @Test("every rank is within the relative error, on streams made to break it", arguments: [0.001, 0.01, 0.1])
    func guarantee(relativeError: Double) throws {
        for (name, values) in streams(seed: 41) {
            var sketch = try Sketch(relativeError: relativeError, bucketLimit: 65536)
            for value in values { sketch.insert(value) }
            let sorted = values.sorted()
            for (index, value) in sorted.enumerated() where index % 41 == 0 || index > sorted.count - 10 {
                let q = sorted.count == 1 ? 0 : (Double(index) + 0.5) / Double(sorted.count - 1)
                let estimate = try #require(try sketch.quantile(min(q, 1)))
                #expect(abs(estimate - value) <= relativeError * abs(value), "\(name), rank \(index + 1)")
                let enclosure = try #require(sketch.enclosure(ofRank: index + 1))
                #expect(enclosure.contains(value), "\(name), rank \(index + 1)")
                #expect(enclosure.upperBound - enclosure.lowerBound <= 2.3 * relativeError * abs(value) + 1e-300)
            }
            #expect(!sketch.isCollapsed)
        }
    }

    @Test("no bucket is wider than γ, and its representative is within α of both edges", arguments: [1e-4, 0.01, 0.5])
    func mapping(relativeError: Double) {
        let mapping = LogarithmicMapping(relativeError: relativeError)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let value = Double(
                sign: .plus, exponent: Int.random(in: -1000...1000, using: &generator),
                significand: 1 + generator.unit())
            let index = mapping.index(of: value)
            let representative = mapping.representative(of: index)
            #expect(abs(representative - value) <= relativeError * value)
            let low = mapping.lowerEdge(of: index)
            let high = mapping.lowerEdge(of: index + 1)
            #expect(low * (1 - 1e-12) <= value && value <= high * (1 + 1e-12))
            #expect(
                abs(representative - low) <= relativeError * low && abs(high - representative) <= relativeError * high)
            #expect(
                mapping.index(of: high * (1 + 1e-12)) == index + 1 && mapping.index(of: low * (1 - 1e-12)) == index - 1)
        }
    }

    @Test("merging equals concatenation, to the bit and the byte, in any order", arguments: [8, 64, 2048])
    func merging(bucketLimit: Int) throws {
        for (name, values) in streams(seed: 43) {
            var whole = try Sketch(bucketLimit: bucketLimit)
            for value in values { whole.insert(value) }
            var generator = SeededGenerator(seed: 44)
            var parts = [Sketch](repeating: try Sketch(bucketLimit: bucketLimit), count: 5)
            for value in values.shuffled(using: &generator) {
                parts[Int.random(in: 0..<5, using: &generator)].insert(value)
            }
            var merged = try Sketch(bucketLimit: bucketLimit)
            for part in parts { try merged.merge(part) }
            #expect(merged == whole, "\(name)")
            #expect(merged.serialized() == whole.serialized(), "\(name)")
            #expect(merged.sum.bitPattern == whole.sum.bitPattern)
        }
    }

    @Test("a collapsed sketch says so, keeps its largest values' guarantee, and its enclosures still hold")
    func collapse() throws {
        var sketch = try Sketch(bucketLimit: 64)
        let values = (0..<1000).map { 1e-6 * Double(9 * $0 * $0 + 1) }
        for value in values { sketch.insert(value) }
        #expect(sketch.isCollapsed)
        #expect(sketch.positive.used.counts.count == 64)
        for (index, value) in values.enumerated() {
            let enclosure = try #require(sketch.enclosure(ofRank: index + 1))
            #expect(enclosure.contains(value))
            if value > 9 / 3.4 { #expect(enclosure.upperBound <= 1.03 * enclosure.lowerBound) }
        }
        let median = try #require(try sketch.quantile(0.9))
        #expect(abs(median / values[899] - 1) <= 0.01)
        var spread = try Sketch(bucketLimit: 64)
        for value in [1e-200, 1e200, 1] { spread.insert(value) }
        let middle = try #require(spread.enclosure(ofRank: 2))
        #expect(spread.isCollapsed && middle.lowerBound == 1e-200 && middle.contains(1))
    }

    @Test("count, extremes and sum are exact, what is not finite is counted apart")
    func exact() throws {
        var sketch = try Sketch()
        #expect(sketch.minimum == nil && sketch.mean == nil && sketch.sum == 0 && sketch.enclosure(ofRank: 1) == nil)
        #expect(try sketch.quantile(0.5) == nil)
        for value in [1e100, 1, -1e100, .nan, .infinity, -0.0, Double.leastNonzeroMagnitude] { sketch.insert(value) }
        #expect(sketch.count == 5 && sketch.nonFinite == 2 && sketch.sum == 1 && sketch.mean == 0.2)
        #expect(sketch.minimum == -1e100 && sketch.maximum == 1e100)
        #expect(try sketch.quantile(0) == -1e100 && sketch.quantile(1) == 1e100 && sketch.quantile(0.25) == 0)
    }

    @Test("bounds on a quantile enclose those of the exact values", arguments: [0.1, 0.5, 0.95])
    func bounds(q: Double) throws {
        let confidence = try Confidence(0.95)
        for (name, values) in streams(seed: 47) {
            var sketch = try Sketch(bucketLimit: 256)
            for value in values { sketch.insert(value) }
            let exact = try SortedSample(values).quantileBounds(q, at: confidence)
            let rough = try sketch.quantileBounds(q, at: confidence)
            #expect(try #require(rough.lower) <= #require(exact.lower), "\(name)")
            #expect(try #require(rough.upper) >= #require(exact.upper), "\(name)")
        }
        #expect(try Sketch().quantileBounds(q, at: confidence).upper == nil)
    }

    @Test("sketches with different settings do not merge, settings without meaning are refused")
    func refusals() throws {
        var sketch = try Sketch()
        for other in [try Sketch(relativeError: 0.02), try Sketch(bucketLimit: 100)] {
            #expect { try sketch.merge(other) } throws: { ($0 as? StatisticsError)?.code == .incompatibleSketches }
        }
        for bad in [0, 1, -0.1, .nan, 1e-5] as [Double] {
            expectRefusal(at: "relative error") { () throws(StatisticsError) in _ = try Sketch(relativeError: bad) }
        }
        for bad in [0, 1, -1, 65537] {
            expectRefusal(at: "bucket limit") { () throws(StatisticsError) in _ = try Sketch(bucketLimit: bad) }
        }
        expectRefusal(at: "quantile") { () throws(StatisticsError) in _ = try sketch.quantile(1.1) }
    }
}

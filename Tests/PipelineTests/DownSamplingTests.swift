import Pipeline
import Telemetry
import Testing

@Suite("Down-sampling")
struct DownSamplingTests {
    private let series = Series("x")

    @Test(
        "a bucket becomes what was asked for",
        arguments: [
            ("mean", [2.0, 5, 7]), ("last", [3, 4, 7]), ("min-max", [1, 3, 6, 4, 7]),
        ])
    func kinds(keep: String, expected: [Double]) throws {
        var walk = try Walk("- {match: x, down-sample: {every: 3s, keep: \(keep)}}", series)
        #expect(walk.values(of: [2, 1, 3, 6, 5, 4, 7]) == expected)
    }

    @Test("a mean has the time of the last sample, and every doubt of those in it")
    func meanTime() throws {
        var walk = try Walk("- {match: x, range: {from: 0, to: 5}, down-sample: {every: 10s}}", series)
        #expect(walk.push(.integer(1), at: 1).isEmpty)
        _ = walk.push(.double(9), at: 2)
        // The range is checked on what leaves: the mean is within it.
        #expect(walk.push(.double(2), at: 11) == [.at(2, .double(5))])
    }

    @Test("what is not finite does not spoil a mean; states and texts give the last")
    func odd() throws {
        var walk = try Walk("- {match: x, down-sample: {every: 2s}}", series)
        #expect(walk.values(of: [1, .nan, .infinity, 4]) == [1, 4])
        var only = try Walk("- {match: x, down-sample: {every: 2s}}", series)
        _ = only.push(.text("a"), at: 0)
        _ = only.push(.text("b"), at: 1)
        #expect(only.flush() == [.at(1, .text("b"))])
    }

    @Test("a peak of a single sample survives min-max and LTTB")
    func peaks() throws {
        var numbers = (0..<1000).map { Double($0 % 7) }
        numbers[503] = 1000
        numbers[777] = -1000
        for keep in ["min-max", "lttb"] {
            var walk = try Walk("- {match: x, down-sample: {every: 50s, keep: \(keep)}}", series)
            let kept = walk.values(of: numbers)
            #expect(kept.contains(1000) && kept.contains(-1000))
            #expect(kept.count <= 41)
        }
    }

    @Test("LTTB keeps the corner of a curve")
    func corner() throws {
        var walk = try Walk("- {match: x, down-sample: {every: 4s, keep: lttb}}", series)
        // Up to 6 and down again: of the second bucket (4, 5, 6, 5) only the corner makes a large triangle.
        #expect(walk.values(of: [0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]).contains(6))
    }

    @Test("one who is late for his bucket passes alone; a clock that stepped back begins anew")
    func late() throws {
        var walk = try Walk("- {match: x, down-sample: {every: 1s}}", series)
        _ = walk.push(.double(1), at: 100)
        #expect(walk.push(.double(2), at: 99) == [.at(99, .double(2))])
        #expect(walk.push(.double(3), at: 20) == [.at(100, .double(1))])
        #expect(walk.flush() == [.at(20, .double(3))])
    }

    @Test("a bucket that nothing follows is told once one more has passed, before 1970 too")
    func idle() throws {
        var walk = try Walk("- {match: x, down-sample: {every: 10s}}", series)
        _ = walk.push(.double(1), at: -15)
        #expect(walk.flush(before: -5).isEmpty)
        #expect(walk.flush(before: 0) == [.at(-15, .double(1))])
        #expect(walk.flush().isEmpty)
    }

    @Test("a flood within one bucket is held only so far")
    func flood() throws {
        var walk = try Walk("- {match: x, down-sample: {every: 24h, keep: lttb}}", series)
        var told = 0
        for index in 0..<10_000 { told += walk.push(.double(Double(index % 10)), at: Double(index)).count }
        #expect(told == 2)
        #expect(walk.flush().count == 2)
    }
}

import Telemetry
import Testing

@testable import Aggregation

@Suite("Times under consent")
struct ConsentTimesTests {
    /// Second by second, which nobody can get wrong.
    private static func seconds(_ ranges: [Range<Int64>]) -> Set<Int64> { Set(ranges.flatMap { Array($0) }) }

    @Test("unions, overlaps and rests are those of a count second by second")
    func ranges() {
        var generator = SeededRandom()
        for _ in 0..<300 {
            func range() -> Range<Int64> {
                let from = Int64.random(in: 0..<60, using: &generator)
                return from..<(from + Int64.random(in: 0..<12, using: &generator))
            }
            let parts = (0..<Int.random(in: 0...6, using: &generator)).map { _ in range() }
            let held = TimeRanges(parts)
            let all = Self.seconds(parts)
            #expect(Self.seconds(held.ranges) == all && held.length == Int64(all.count))
            #expect(zip(held.ranges, held.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            let asked = range()
            #expect(held.overlap(with: asked) == Int64(asked.count { all.contains($0) }))
            #expect(held.covers(asked) == asked.allSatisfy { all.contains($0) } || asked.isEmpty)
            var (longest, current) = (Int64(0), Int64(0))
            for second in asked {
                current = all.contains(second) ? 0 : current + 1
                longest = max(longest, current)
            }
            #expect(held.longestRest(of: asked) == longest)
        }
    }

    @Test("what samples cover and what is silent in the gaps make up the window")
    func gaps() {
        var generator = SeededRandom()
        for _ in 0..<300 {
            let times = Set(
                (0..<Int.random(in: 1...60, using: &generator)).map { _ in Int64.random(in: 0..<1000, using: &generator)
                })
            let presence = Presence(times.sorted(), every: 10)
            let (covered, longest) = presence.cover(from: 0, to: 1000, every: 10)
            let gaps = presence.gaps(from: 0, to: 1000, every: 10)
            #expect(covered + gaps.reduce(0) { $0 + ($1.to - $1.silent) } == 1000)
            if let most = gaps.map({ $0.to - $0.from }).max() { #expect(longest == most) }
            #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $0.to <= $1.from })
        }
    }

    @Test("of many gaps the longest are kept, in the order of time")
    func longest() {
        let times = (0..<200).reduce(into: [Int64]()) { times, index in
            times.append((times.last ?? 0) + 100 + Int64(index * 7 % 200))
        }
        let stop = (times.last ?? 0) + 1
        let gaps = Presence(times, every: 10).gaps(from: 0, to: stop, every: 10)
        #expect(gaps.count == Presence.mostGaps)
        let all = zip([0] + times, times).map { $1 - $0 }.sorted(by: >)
        #expect(gaps.map { $0.to - $0.from }.sorted(by: >) == Array(all.prefix(Presence.mostGaps)))
        #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $0.to <= $1.from })
    }

    private static func rule(_ giver: ConsentGiver) throws -> ConsentRecord.Rule {
        .init(try #require(SeriesPattern("person.*")), giver)
    }

    @Test("a withdrawal holds from when it was recorded, unless consent was given again for a time before that")
    func recorded() throws {
        typealias Entry = ConsentAccount.Entry
        let boot = BootKey(
            site: try Bench.identifier("lab"), agent: try Bench.identifier("box"), install: UUIDBytes(high: 1, low: 1),
            boot: UUIDBytes(high: 2, low: 2), epoch: 1)
        let start = Entry(sinceBoot: 0, wall: nil, .start(rules: [try Self.rule(.tag("person"))], granted: ["anna"]))
        func withheld(_ changes: [(time: Int64, recorded: Int64, isGrant: Bool)]) -> [Range<Int64>] {
            let entries = changes.map {
                Entry(
                    sinceBoot: $0.time, wall: Timestamp(nanoseconds: $0.time + 1000), recorded: $0.recorded,
                    .change(subject: "anna", isGrant: $0.isGrant))
            }
            let account = ConsentAccount(boot: boot, entries: [start] + entries)
            #expect(account.entries.allSatisfy { $0.wall.map(\.nanoseconds) ?? 1000 == $0.sinceBoot + 1000 })
            return TimeRanges(
                account.stretches(in: 0..<100) { $0.sinceBoot }.filter(\.granted.isEmpty).map(\.times)
            ).ranges
        }
        #expect(withheld([(20, 20, false), (40, 40, true)]) == [20..<40])
        #expect(withheld([(20, 30, false), (40, 40, true)]) == [30..<40])
        #expect(withheld([(20, 50, false), (40, 60, true)]) == [])
        #expect(withheld([(20, 50, false)]) == [50..<100])
        #expect(withheld([(60, 50, false)]) == [60..<100], "of a time to come")
        #expect(withheld([(20, 20, false), (40, 80, true)]) == [20..<40], "given, from its own time")
        #expect(withheld([(20, 50, false), (10, 10, false), (15, 15, true)]) == [10..<15, 50..<100])
    }

    @Test("what stands follows from starts and changes, and ends with a start that has no rules")
    func stretches() throws {
        typealias Entry = ConsentAccount.Entry
        let boot = BootKey(
            site: try Bench.identifier("lab"), agent: try Bench.identifier("box"), install: UUIDBytes(high: 1, low: 1),
            boot: UUIDBytes(high: 2, low: 2), epoch: 1)
        let rules = [try Self.rule(.tag("person"))]
        func entry(_ time: Int64, _ content: Entry.Content) -> Entry { Entry(sinceBoot: time, wall: nil, content) }
        var account = ConsentAccount(
            boot: boot,
            entries: [
                entry(30, .change(subject: "bert", isGrant: false)), entry(10, .start(rules: rules, granted: ["anna"])),
                entry(10, .start(rules: [], granted: [])), entry(5, .change(subject: "carl", isGrant: true)),
                entry(20, .change(subject: "bert", isGrant: true)), entry(50, .start(rules: [], granted: [])),
                entry(60, .start(rules: rules, granted: [])),
            ])
        func told(_ window: Range<Int64>) -> [String] {
            account.stretches(in: window) { $0.sinceBoot }.map {
                "\($0.times) \($0.granted.sorted().joined(separator: "+"))"
            }
        }
        #expect(told(0..<70) == ["10..<20 anna", "20..<30 anna+bert", "30..<50 anna", "60..<70 "])
        #expect(told(25..<35) == ["25..<30 anna+bert", "30..<35 anna"])
        #expect(
            account.stretches(in: 0..<70) { $0.sinceBoot == 20 ? nil : $0.sinceBoot }.isEmpty,
            "one that cannot be placed")
        account.end = Timestamp(nanoseconds: 65)
        #expect(told(0..<70).last == "60..<65 ")
        #expect(account.subjects == ["anna", "bert", "carl"])
    }
}

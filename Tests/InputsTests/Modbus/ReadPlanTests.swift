#if Modbus
import Testing

@testable import Inputs

@Suite("Modbus: which requests read a device")
struct ReadPlanTests {
    private static func span(_ address: Int, _ count: Int = 1, _ kind: RegisterKind = .input) -> RegisterSpan {
        RegisterSpan(kind: kind, address: address, count: count)
    }

    /// `input 0+4` for each block.
    private static func blocks(_ plan: ReadPlan) -> [String] {
        plan.blocks.map { "\($0.kind.rawValue) \($0.address)+\($0.count)" }
    }

    private static func limits(registers: Int = 125, bits: Int = 2000, gap: Int = 0) -> ReadLimits {
        ReadLimits(registers: registers, bits: bits, gap: gap)
    }

    private static let merged: [([RegisterSpan], ReadLimits, [String])] = [
        ([span(0), span(1), span(2, 2)], limits(), ["input 0+4"]),
        ([span(2, 2), span(0), span(1)], limits(), ["input 0+4"]),
        ([span(0), span(2)], limits(), ["input 0+1", "input 2+1"]),
        ([span(0), span(2)], limits(gap: 1), ["input 0+3"]),
        ([span(0), span(3)], limits(gap: 1), ["input 0+1", "input 3+1"]),
        ([span(0), span(0), span(0)], limits(), ["input 0+1"]),
        ([span(0, 4), span(1)], limits(), ["input 0+4"]),
        ([span(0, 1, .holding), span(1)], limits(), ["holding 0+1", "input 1+1"]),
        ((0..<130).map { span($0) }, limits(), ["input 0+125", "input 125+5"]),
        ((0..<5).map { span($0 * 2, 2) }, limits(registers: 5), ["input 0+4", "input 4+4", "input 8+2"]),
        ((0..<2100).map { span($0, 1, .coil) }, limits(), ["coil 0+2000", "coil 2000+100"]),
        ([span(65_535)], limits(gap: 9), ["input 65535+1"]), ([], limits(), []),
    ]

    @Test("neighbours are one request, up to the limits", arguments: merged)
    func merging(spans: [RegisterSpan], limits: ReadLimits, expected: [String]) {
        #expect(Self.blocks(ReadPlan(spans, limits: limits)) == expected)
    }

    @Test("what nobody asked for goes first, then halves, and the bad one alone stays refused")
    func refusals() {
        var plan = ReadPlan([0, 1, 2, 3, 6, 7].map { Self.span($0) }, limits: Self.limits(gap: 4))
        #expect(Self.blocks(plan) == ["input 0+8"])
        plan.refuse(0)
        #expect(Self.blocks(plan) == ["input 0+4", "input 6+2"])
        plan.refuse(0)
        #expect(Self.blocks(plan) == ["input 0+2", "input 2+2", "input 6+2"])
        plan.refuse(1)
        plan.refuse(1)
        #expect(Self.blocks(plan) == ["input 0+2", "input 3+1", "input 6+2"])
        #expect(plan.refused == [2])
        plan.retryRefused()
        #expect(Self.blocks(plan) == ["input 0+2", "input 3+1", "input 6+2", "input 2+1"])
        plan.reset()
        #expect(Self.blocks(plan) == ["input 0+8"] && plan.refused.isEmpty)
    }

    @Test("the bits of one register are refused together")
    func bits() {
        var plan = ReadPlan([Self.span(5), Self.span(5), Self.span(6)])
        plan.refuse(0)
        #expect(Self.blocks(plan) == ["input 5+1", "input 6+1"])
        plan.refuse(0)
        #expect(plan.refused == [0, 1] && Self.blocks(plan) == ["input 6+1"])
    }

    @Test("whatever is refused, every value is in one block or refused, and the bad ones are found")
    func found() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let spans = (0..<40).map { _ in
                Self.span(Int.random(in: 0..<120, using: &generator), Int.random(in: 1...4, using: &generator))
            }
            let holes = Set((0..<6).map { _ in Int.random(in: 0..<124, using: &generator) })
            var plan = ReadPlan(spans, limits: Self.limits(registers: 30, gap: 5))
            var (place, requests) = (0, 0)
            while place < plan.blocks.count {
                let block = plan.blocks[place]
                requests += 1
                if holes.contains(where: { (block.address..<block.address + block.count).contains($0) }) {
                    plan.refuse(place)
                } else {
                    place += 1
                }
            }
            let covered = plan.blocks.flatMap { Array($0.members) } + Array(plan.refused)
            #expect(covered.sorted() == Array(spans.indices), "\(spans) without \(holes)")
            for (index, span) in plan.spans.enumerated() {
                let isBad = holes.contains { (span.address..<span.end).contains($0) }
                #expect(plan.refused.contains(index) == isBad, "\(span) without \(holes)")
            }
            #expect(requests < 120)
            #expect(plan.origins.map { spans[$0] } == plan.spans)
        }
    }
}
#endif

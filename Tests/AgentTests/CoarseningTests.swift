import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("Rounding to multiples of a step")
struct CoarseningTests {
    @Test(
        "a number becomes the nearest multiple, a half the even one",
        arguments: [
            (0.5, 1.2, 1.0), (0.5, 1.3, 1.5), (0.5, 0.25, 0), (0.5, 0.75, 1), (0.1, 0.34, 0.3), (0.1, 0.25, 0.2),
            (10, 14.9, 10), (10, 15, 20), (10, 25, 20), (10, -15, -20), (2.5, 3.8, 5), (0.3, 1.0, 0.9),
            (0.5, 1e300, 1e300), (10, .infinity, .infinity),
        ] as [(Double, Double, Double)])
    func doubles(step: Double, value: Double, expected: Double) {
        #expect(abs(Coarsening(step: step)(value) - expected) <= 1e-12 || Coarsening(step: step)(value) == expected)
    }

    @Test("a step of a tenth gives the doubles that people write, and zero has no sign")
    func clean() {
        let tenth = Coarsening(step: 0.1)
        #expect((0..<1000).allSatisfy { tenth(Double($0) * 0.1 + 0.01) == Double("\($0 / 10).\($0 % 10)") })
        #expect(tenth(-0.01).sign == .plus && Coarsening(step: 3)(-0.5).sign == .plus)
        #expect(tenth(.nan).isNaN)
    }

    @Test(
        "an integer stays one under a whole step, to the last digit",
        arguments: [
            (10, 14, .integer(10)), (10, 15, .integer(20)), (10, 25, .integer(20)), (10, -15, .integer(-20)),
            (10, -25, .integer(-20)), (10, -26, .integer(-30)), (1, 7, .integer(7)),
            (100, .max, .integer(9_223_372_036_854_775_800)), (100, .min, .integer(-9_223_372_036_854_775_800)),
            (1000, .max, .integer(9_223_372_036_854_775_000)), (0.5, 3, .double(3)), (2.5, 4, .double(5)),
        ] as [(Double, Int64, Value)])
    func integers(step: Double, value: Int64, expected: Value) {
        #expect(Coarsening(step: step)(value) == expected)
    }

    @Test(
        "the step is converted to the series' unit as the difference that it is",
        arguments: [
            (0.5, "m", "mm", 500), (0.5, "m", "m", 0.5), (0.5, "m", "1", 0.5), (2, "K", "Cel", 2),
            (2, "Cel", "K", 2), (2, "Cel", "Cel", 2), (9, "[degF]", "Cel", 5), (0.5, "m", "s", nil),
            (1, "dB", "B", 0.1), (1, "B[V]", "V", nil),
            (1, "1", "m", nil),
        ] as [(Double, String, String, Double?)])
    func units(step: Double, unit: String, series: String, expected: Double?) throws {
        let coarsening = Coarsening(
            step: step, unit: try #require(Unit(unit)), for: try #require(Unit(series)))
        if let expected {
            #expect(abs(try #require(coarsening).step - expected) < 1e-9)
        } else {
            #expect(coarsening == nil)
        }
    }

    private static let steps: [Double] = [0.1, 0.25, 0.3, 1, 7, 12.5, 1000]

    @Test("what is left of a value is a multiple, and no further away than half a step", arguments: [UInt64(1), 2, 3])
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let step: Double = Self.steps.randomElement(using: &generator) ?? 1
            let value = Double.random(in: -1e6...1e6, using: &generator)
            let left = Coarsening(step: step)(value)
            #expect(abs(left - value) <= step / 2 * (1 + 1e-9), "step \(step), value \(value), seed \(seed)")
            let multiple = left / step
            #expect(abs(multiple - multiple.rounded()) < 1e-6, "step \(step), value \(value), seed \(seed)")
            let whole = Int64.random(in: .min ... .max, using: &generator)
            guard step == step.rounded(), case .integer(let kept) = Coarsening(step: step)(whole) else { continue }
            #expect(kept % Int64(step) == 0, "step \(step), value \(whole), seed \(seed)")
        }
    }
}

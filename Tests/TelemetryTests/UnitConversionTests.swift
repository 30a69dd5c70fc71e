import Telemetry
import Testing

/// A row of a table: a value in one unit and what it is in another.
struct Conversion: Sendable, CustomTestStringConvertible {
    let value: Double
    let source: String
    let target: String
    let expected: Double

    init(_ value: Double, _ source: String, _ target: String, _ expected: Double) {
        self.value = value
        self.source = source
        self.target = target
        self.expected = expected
    }

    var testDescription: String { "\(value) \(source) is \(expected) \(target)" }

    func result() throws -> Double? {
        let from = try #require(Unit(source))
        let to = try #require(Unit(target))
        return Unit.convert(value, from: from, to: to)
    }
}

@Suite("Units: conversion")
struct UnitConversionTests {
    private static let published: [Conversion] = [
        Conversion(6.3, "m", "m", 6.3),
        Conversion(6.3, "mm", "m", 0.0063),
        Conversion(6.3, "mm", "cm", 0.63),
        Conversion(6.3, "s.m-1", "s/m", 6.3),
        Conversion(6.3, "s.mm-1", "s.m-1", 6300),
        Conversion(6.3, "s.mm-2", "s.m-2", 6_300_000),
        Conversion(6.3, "s/m/g", "s.m-1.g-1", 6.3),
        Conversion(6.3, "ms/m/g", "s.m-1.g-1", 0.0063),
        Conversion(6.3, "s/mm/g", "s.m-1.g-1", 6300),
        Conversion(6.3, "s/m/mg", "s.m-1.g-1", 6300),
        Conversion(6.3, "s/m.mg", "s.m-1.g", 0.0063),
        Conversion(6.3, "ms/m", "s/m", 0.0063),
        Conversion(6.3, "4.s/m", "s/m", 25.2),
        Conversion(6.3, "s/4/m", "s/m", 1.575),
        Conversion(6.3, "s/mm", "s/m", 6300),
        Conversion(6.3, "ms/mm", "s/m", 6.3),
        Conversion(6.3, "[in_i]", "m", 0.16002),
        Conversion(6.3, "[in_i]", "cm", 16.002),
        Conversion(6.3, "g.m.s-2.A-2", "g.m.C-2", 6.3),
        Conversion(1, "10*-7.s", "s", 1e-7),
        Conversion(1, "4.[pi].10*-7.s", "s", 1.25663706143591729538506e-6),
        Conversion(1, "[mu_0]", "g.m.C-2", 1.25663706143591729538506e-3),
        Conversion(1, "m[Hg]", "g.s-2.m-1", 133_322_000),
        Conversion(1, "S", "g-1.m-2.C2.s", 0.001),
        Conversion(1, "[ly]", "cm", 946_073_047_258_080_000),
        Conversion(1, "1/[ly]", "cm-1", 1.05700083402461546370946e-18),
        Conversion(1.2, "g.m", "m.g", 1.2),
    ]

    private static let decimal: [Conversion] = [
        Conversion(95.0, "%", "1", 0.95),
        Conversion(6.3, "mm", "m", 0.0063),
        Conversion(0.05, "mm", "m", 0.00005),
        Conversion(12, "s", "ms", 12_000),
        Conversion(12_345, "ms", "s", 12.345),
        Conversion(500, "ms", "min", 0.008333333333333333),
        Conversion(1.5, "h", "s", 5_400),
        Conversion(30, "km/h", "m/s", 8.333333333333334),
        Conversion(512, "MiBy", "By", 536_870_912),
        Conversion(1, "KiBy", "bit", 8_192),
        Conversion(1500, "{rev}/min", "Hz", 25),
        Conversion(3, "bar", "kPa", 300),
        Conversion(7, "[ppm]", "%", 0.0007),
        Conversion(2, "kW.h", "MJ", 7.2),
        Conversion(250, "mA.h", "C", 900),
        Conversion(1, "d", "h", 24),
        Conversion(2, "L/min", "ml/s", 33.333333333333336),
    ]

    private static let specialScales: [Conversion] = [
        Conversion(25, "Cel", "K", 298.15),
        Conversion(0, "K", "Cel", -273.15),
        Conversion(25, "Cel", "Cel", 25),
        Conversion(212, "[degF]", "Cel", 100),
        Conversion(-40, "Cel", "[degF]", -40),
        Conversion(80, "[degRe]", "Cel", 100),
        Conversion(1_500, "mCel", "Cel", 1.5),
        Conversion(20, "dB", "1", 100),
        Conversion(3, "B", "1", 1_000),
        Conversion(1, "kW", "dB[W]", 30),
        Conversion(30, "dB[W]", "kW", 1),
        Conversion(40, "dB[mV]", "mV", 100),
        Conversion(1, "V", "dB[uV]", 120),
        Conversion(7, "[pH]", "mol/l", 1e-7),
        Conversion(0.01, "mol/l", "[pH]", 2),
        Conversion(1, "Np", "1", 2.718281828459045),
        Conversion(10, "bit_s", "1", 1_024),
        Conversion(1, "Pa", "dB[SPL]", 93.97940008672037),
        Conversion(100, "%[slope]", "deg", 45),
    ]

    private static let definedConstants: [Conversion] = [
        Conversion(1.0, "eV", "J", 1.602176634e-19),
        Conversion(1, "mol", "1", 6.02214076e23),
        Conversion(1, "[g]", "m/s2", 9.80665),
        Conversion(1, "[c]", "m/s", 299_792_458),
        Conversion(1, "atm", "Pa", 101_325),
        Conversion(1, "[psi]", "kPa", 6.894757293168361),
        Conversion(1, "[lb_av]", "g", 453.59237),
        Conversion(1, "[mi_i]", "m", 1_609.344),
        Conversion(1, "[HP]", "W", 745.6998715822702),
        Conversion(180, "deg", "rad", 3.141592653589793),
        Conversion(1, "circ", "deg", 360),
        Conversion(1, "[gal_us]", "L", 3.785411784),
        Conversion(1, "cal_th", "J", 4.184),
        Conversion(1, "a", "d", 365.25),
        Conversion(1, "[kn_i]", "km/h", 1.852),
        Conversion(1, "G", "mT", 0.1),
        Conversion(1, "mm[Hg]", "Pa", 133.322),
    ]

    /// The conversion cases of the UCUM functional tests (2018-10-11) whose units are known here. Outcomes there are
    /// given to the significant digits of the input; here they are compared with the exact product, and for `[mu_0]`,
    /// which is published a thousand times too small, with what its definition gives.
    @Test("UCUM's functional tests", arguments: published)
    func functionalTests(_ conversion: Conversion) throws {
        let outcome = conversion.expected
        let result = try #require(try conversion.result())
        #expect(abs(result - outcome) <= 2 * outcome.ulp, "\(conversion): \(result)")
    }

    @Test("decimal conversions are rounded once, so that thresholds compare as written", arguments: decimal)
    func exact(_ conversion: Conversion) throws {
        let expected = conversion.expected
        #expect(try conversion.result() == expected)
    }

    @Test("special units go through their functions", arguments: specialScales)
    func special(_ conversion: Conversion) throws {
        let expected = conversion.expected
        let result = try #require(try conversion.result())
        #expect(abs(result - expected) <= 1e-12 * max(1, abs(expected)), "\(conversion): \(result)")
    }

    @Test("constants are those of the SI", arguments: definedConstants)
    func constants(_ conversion: Conversion) throws {
        let expected = conversion.expected
        let result = try #require(try conversion.result())
        #expect(abs(result - expected) <= 4 * expected.ulp, "\(conversion): \(result)")
    }

    @Test(
        "what measures different things is not converted",
        arguments: [
            ("Cel", "s"), ("rad/s", "Hz"), ("N.m", "N"), ("[iU]", "1"), ("[iU]", "[arb'U]"), ("By/s", "By"), ("V", "A"),
            ("nonsense", "s"),
            ("s", "nonsense"),
        ])
    func incommensurable(source: String, target: String) throws {
        #expect(try Conversion(1, source, target, 0).result() == nil)
        let (one, other) = (try #require(Unit(source)), try #require(Unit(target)))
        #expect(!one.isCommensurable(with: other))
    }

    @Test(
        "what measures the same is commensurable, both ways",
        arguments: [
            ("J", "N.m"), ("W", "V.A"), ("Hz", "{rev}/min"), ("Cel", "[degF]"), ("bit", "1"), ("[IU]/L", "[iU]/ml"),
            ("Gy", "Sv"),
            ("Pa", "m[H2O]"), ("T", "G"), ("lx", "lm/m2"),
        ])
    func commensurable(one: String, other: String) throws {
        let (one, other) = (try #require(Unit(one)), try #require(Unit(other)))
        #expect(one.isCommensurable(with: other))
        let there = try #require(Unit.convert(3, from: one, to: other))
        let back = try #require(Unit.convert(there, from: other, to: one))
        #expect(abs(back - 3) < 1e-12)
    }

    @Test("a conversion worked out once is the identity only between equal units")
    func identity() throws {
        let (kelvin, slash, power) = (try #require(Unit("K")), try #require(Unit("m/s2")), try #require(Unit("m.s-2")))
        #expect(UnitConversion(from: .celsius, to: .celsius)?.isIdentity == true)
        #expect(UnitConversion(from: slash, to: power)?.isIdentity == true)
        #expect(UnitConversion(from: .celsius, to: kelvin)?.isIdentity == false)
        #expect(UnitConversion(from: .celsius, to: .second) == nil)
    }
}

import Telemetry
import Testing

@Suite("Units: codes")
struct UnitParsingTests {
    /// Mostly from the validation cases of the UCUM functional tests (2018-10-11).
    @Test(
        "a UCUM code is known",
        arguments: [
            "m", "/m", "10*3/ul", "10*-3/ul", "10*+3/ul", "m[H2O]", "10*23", "10^-6", "rad2", "m3.kg-1.s-2",
            "4.[pi].10*-7.N/A2",
            "rad2{a}", "{a}.rad2{b}", "1{c}", "{e}", "%", "dB[10.nV]", "1/min", "cm3", "meq", "mm[Hg]", "mU", "/[HPF]",
            "[IU]/mL",
            "m[IU]/L", "umol/2.h", "dyn.s/(cm5.m2)", "kW.h", "{rev}/min", "{beats}/min", "Cel", "mCel", "Cel{probe}",
            "m/s2", "By/s", "KiBy",
            "GiBy", "1", "g.m2", "N.m", "deg/s", "''", "dar", "das", "cd/m2", "[in_i'H2O]", "cal_th", "W/(m2.K)",
            "100.kg", "mol/l", "[ppm]",
        ])
    func valid(code: String) throws {
        #expect(try #require(Unit(code)).isKnown)
    }

    @Test(
        "what the grammar or the table does not have is unknown",
        arguments: [
            "m/", "10+3/ul", "{a}rad2{b}", "{|}1", "iU", "molv", "[BETH'U]", "[iIU]", "g/12h", "mL/2h", "mmol/kg[H20]",
            "sec", "rpm", "degC",
            "kmin", "k%", "m[", "m[Hg", "{", "{a", "}", "m{a}{b", "()", "(m", "m)", "m//s", "m..s", "m-", "m+", "0",
            "0.m", "k", "kk", "m²2",
            "Cel/min", "Cel2", "2.Cel", "/Cel", "m100", "(/m)", "MMHz", "kB", "MiB", "mKiBy", "m^2",
        ])
    func invalid(code: String) throws {
        // Some have characters that no unit has at all.
        #expect(Unit(code)?.isKnown != true)
    }

    @Test(
        "the dimension is in base units",
        arguments: [
            ("1", "1"), ("%", "1"), ("{parts}", "1"), ("N", "g.m.s-2"), ("V", "C-1.g.m2.s-2"), ("Ohm", "C-2.g.m2.s-1"),
            ("Hz", "s-1"), ("Cel", "K"),
            ("m/s/s", "m.s-2"), ("s/m.mg", "g.m-1.s"), ("J/(kg.K)", "K-1.m2.s-2"), ("m/m", "1"), ("By", "1"),
            ("rad/s", "rad.s-1"), ("lm", "cd.rad2"),
            ("[IU]/L", "[iU].m-3"), ("m0", "1"),
        ])
    func dimensions(code: String, dimension: String) throws {
        #expect(try #require(Unit(code)).dimension?.description == dimension)
    }

    @Test(
        "every unit of the SenML table is known",
        arguments: [
            "1", "%", "m", "kg", "g", "s", "ms", "min", "h", "A", "mA", "K", "Cel", "cd", "mol", "Hz", "MHz", "rad",
            "sr", "N", "Pa", "hPa", "J", "W",
            "kW", "C", "V", "mV", "F", "Ohm", "S", "Wb", "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "kat", "m2", "m3",
            "m/s", "m/s2", "m3/s", "W/m2",
            "cd/m2", "bit", "bit/s", "deg", "dB", "By", "KiBy", "By/s", "/s", "/min", "{beats}/min", "S/m", "[pH]",
        ])
    func senML(code: String) throws {
        #expect(try #require(Unit(code)).isKnown)
    }

    @Test(
        "an unknown code is answered with the one that was meant",
        arguments: [
            ("sec", "s"), ("°C", "Cel"), ("degC", "Cel"), ("celsius", "Cel"), ("rpm", "{rev}/min"),
            ("RPM", "{rev}/min"), ("m/sec^2", "m/s2"),
            ("hz", "Hz"), ("CEL", "Cel"), ("KPA", "kPa"), ("psi", "[psi]"), ("ohm", "Ohm"), ("kOhms", nil),
            ("µm", "um"), ("N*m", "N.m"), ("Nm", "N.m"),
            ("MiB", "MiBy"), ("MB", "MBy"), ("GB/s", "GBy/s"), ("bytes/s", "By/s"), ("percent", "%"), ("m²", "m2"),
            ("km/hr", "km/h"), ("kWh", "kW.h"),
            ("s", nil),
            ("wibble", nil), ("", nil),
        ])
    func suggestions(code: String, expected: String?) {
        #expect(Unit.suggestion(for: code) == expected)
    }

    @Test("no text makes the parser trap or hang", arguments: [7, 11, 13] as [UInt64])
    func hostile(seed: UInt64) {
        let alphabet = Array("m[]{}()./10*^+-'% kgsCelBpHd\"")
        var state = seed
        for _ in 0..<1_000 {
            var text = ""
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for position in 0..<Int(state >> 59) + 1 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 &+ UInt64(position)
                text.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            guard let unit = Unit(text), unit.isKnown else { continue }
            #expect(unit.isCommensurable(with: unit), "seed \(seed): \(text)")
        }
    }
}

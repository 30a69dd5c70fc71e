/// A symbol of UCUM that stands for a unit by itself.
struct UnitAtom: Sendable {
    enum Meaning: Sendable {
        /// One of the base units, or an arbitrary unit, which is its own.
        case base
        /// A number that UCUM cannot write with integers.
        case number(Double)
        /// A UCUM expression over other atoms.
        case expression(String)
        /// A function of another unit.
        case special(SpecialFunction, of: String)
    }

    /// Whether it takes metric prefixes.
    let isMetric: Bool
    let meaning: Meaning

    /// Whether it is a logarithmic level. Such a unit takes only prefixes that divide: nobody measures in kilobel, and
    /// who writes `MB` or `MiB` means bytes, which are `MBy` and `MiBy`.
    var isLevel: Bool {
        switch meaning {
        case .special(.naturalLogarithm, _), .special(.decimalLogarithm, _), .special(.twiceDecimalLogarithm, _): true
        default: false
        }
    }
}

extension UnitAtom {
    /// Metric and binary prefixes (UCUM 2.1, §27; `Ki` to `Ti` from §46).
    static let prefixes: [String: Ratio] = [
        "Y": Ratio(1e24), "Z": Ratio(1e21), "E": Ratio(1e18), "P": Ratio(1e15), "T": Ratio(1e12), "G": Ratio(1e9),
        "M": Ratio(1e6), "k": Ratio(1e3), "h": Ratio(100), "da": Ratio(10), "d": Ratio(1, 10), "c": Ratio(1, 100),
        "m": Ratio(1, 1e3), "u": Ratio(1, 1e6), "n": Ratio(1, 1e9), "p": Ratio(1, 1e12), "f": Ratio(1, 1e15),
        "a": Ratio(1, 1e18), "z": Ratio(1, 1e21), "y": Ratio(1, 1e24), "Ki": Ratio(1_024), "Mi": Ratio(1_048_576),
        "Gi": Ratio(1_073_741_824), "Ti": Ratio(1_099_511_627_776),
    ]

    /// The atoms known here, by their case-sensitive symbols.
    static let all: [String: UnitAtom] = {
        var atoms: [String: UnitAtom] = [:]
        for symbol in ["m", "s", "g", "rad", "K", "C", "cd", "[iU]"] {
            atoms[symbol] = UnitAtom(isMetric: true, meaning: .base)
        }
        for symbol in ["[arb'U]", "[CFU]", "[PFU]"] { atoms[symbol] = UnitAtom(isMetric: false, meaning: .base) }
        atoms["[pi]"] = UnitAtom(isMetric: false, meaning: .number(.pi))
        for (symbol, expression) in metric {
            atoms[symbol] = UnitAtom(isMetric: true, meaning: .expression(expression))
        }
        for (symbol, expression) in nonMetric {
            atoms[symbol] = UnitAtom(isMetric: false, meaning: .expression(expression))
        }
        for (symbol, isMetric, function, proper) in special {
            atoms[symbol] = UnitAtom(isMetric: isMetric, meaning: .special(function, of: proper))
        }
        return atoms
    }()

    /// Definitions as in UCUM's tables; the constants are the exact ones of the SI of 2019, as in UCUM 2.2. Decimal
    /// fractions are written as integers and powers of ten.
    private static let metric: [(String, String)] = [
        ("mol", "602214076.10*15"), ("sr", "rad2"), ("Hz", "s-1"), ("N", "kg.m/s2"), ("Pa", "N/m2"), ("J", "N.m"),
        ("W", "J/s"), ("A", "C/s"), ("V", "J/C"), ("F", "C/V"), ("Ohm", "V/A"), ("S", "Ohm-1"), ("Wb", "V.s"),
        ("T", "Wb/m2"), ("H", "Wb/A"), ("lm", "cd.sr"), ("lx", "lm/m2"), ("Bq", "s-1"), ("Gy", "J/kg"), ("Sv", "J/kg"),
        ("l", "dm3"), ("L", "l"), ("ar", "100.m2"), ("t", "1000.kg"), ("bar", "100000.Pa"),
        ("u", "166053906660.10*-35.g"),
        ("eV", "[e].V"), ("[e]", "1602176634.10*-28.C"), ("[c]", "299792458.m/s"), ("[h]", "662607015.10*-42.J.s"),
        ("[k]", "1380649.10*-29.J/K"), ("[mu_0]", "4.[pi].10*-7.N/A2"), ("[g]", "980665.m/s2/100000"), ("gf", "g.[g]"),
        ("[ly]", "[c].a_j"), ("Gal", "cm/s2"), ("dyn", "g.cm/s2"), ("erg", "dyn.cm"), ("P", "dyn.s/cm2"),
        ("St", "cm2/s"),
        ("Mx", "Wb/10*8"), ("G", "T/10*4"), ("Ci", "37.10*9.Bq"), ("R", "258.C/kg/10*6"), ("RAD", "100.erg/g"),
        ("REM", "RAD"), ("cal_th", "4184.J/1000"), ("cal_IT", "41868.J/10000"), ("cal", "cal_th"), ("tex", "g/km"),
        ("m[H2O]", "980665.kPa/100000"), ("m[Hg]", "133322.kPa/1000"), ("eq", "mol"), ("osm", "mol"), ("kat", "mol/s"),
        ("U", "umol/min"), ("[IU]", "[iU]"), ("g%", "g/dl"), ("mho", "S"), ("st", "m3"), ("bit", "1"), ("By", "8.bit"),
        ("Bd", "/s"),
    ]

    private static let nonMetric: [(String, String)] = [
        ("10*", "10"), ("10^", "10"), ("%", "10*-2"), ("[ppth]", "10*-3"), ("[ppm]", "10*-6"), ("[ppb]", "10*-9"),
        ("[pptr]", "10*-12"), ("gon", "9.deg/10"), ("deg", "2.[pi].rad/360"), ("'", "deg/60"), ("''", "'/60"),
        ("min", "60.s"), ("h", "60.min"), ("d", "24.h"), ("wk", "7.d"), ("a_j", "36525.d/100"),
        ("a_g", "3652425.d/10000"),
        ("a_t", "36524219.d/100000"), ("a", "a_j"), ("mo_j", "a_j/12"), ("mo_g", "a_g/12"), ("mo", "mo_j"),
        ("AU", "149597870691.m"), ("atm", "101325.Pa"), ("[in_i]", "254.cm/100"), ("[ft_i]", "12.[in_i]"),
        ("[yd_i]", "3.[ft_i]"), ("[mi_i]", "5280.[ft_i]"), ("[nmi_i]", "1852.m"), ("[kn_i]", "[nmi_i]/h"),
        ("[mil_i]", "[in_i]/1000"), ("[sin_i]", "[in_i]2"), ("[sft_i]", "[ft_i]2"), ("[cin_i]", "[in_i]3"),
        ("[cft_i]", "[ft_i]3"), ("[gal_us]", "231.[in_i]3"), ("[qt_us]", "[gal_us]/4"), ("[pt_us]", "[qt_us]/2"),
        ("[foz_us]", "[gal_us]/128"), ("[gal_br]", "454609.l/100000"), ("[gr]", "6479891.mg/100000"),
        ("[lb_av]", "7000.[gr]"), ("[oz_av]", "[lb_av]/16"), ("[ston_av]", "2000.[lb_av]"), ("[lbf_av]", "[lb_av].[g]"),
        ("[psi]", "[lbf_av]/[in_i]2"), ("[degR]", "5.K/9"), ("[Cal]", "kcal_th"), ("[Btu_IT]", "105505585262.J/10*8"),
        ("[Btu_th]", "105435.J/100"), ("[Btu]", "[Btu_th]"), ("[HP]", "550.[ft_i].[lbf_av]/s"),
        ("[in_i'H2O]", "m[H2O].[in_i]/m"), ("[in_i'Hg]", "m[Hg].[in_i]/m"), ("[diop]", "/m"), ("[HPF]", "1"),
        ("[LPF]", "100"), ("[drp]", "ml/20"), ("att", "kgf/cm2"), ("Ao", "nm/10"), ("b", "100.fm2"),
        ("circ", "2.[pi].rad"), ("sph", "4.[pi].sr"), ("[NTU]", "1"), ("[FNU]", "1"),
    ]

    private static let special: [(String, Bool, SpecialFunction, String)] = [
        ("Cel", true, .celsius, "K"), ("[degF]", false, .fahrenheit, "5.K/9"), ("[degRe]", false, .reaumur, "5.K/4"),
        ("[pH]", false, .pH, "mol/l"), ("Np", true, .naturalLogarithm, "1"), ("B", true, .decimalLogarithm, "1"),
        ("B[SPL]", true, .twiceDecimalLogarithm, "2.10*-5.Pa"), ("B[V]", true, .twiceDecimalLogarithm, "V"),
        ("B[mV]", true, .twiceDecimalLogarithm, "mV"), ("B[uV]", true, .twiceDecimalLogarithm, "uV"),
        ("B[10.nV]", true, .twiceDecimalLogarithm, "10.nV"), ("B[W]", true, .decimalLogarithm, "W"),
        ("B[kW]", true, .decimalLogarithm, "kW"), ("bit_s", false, .binaryLogarithm, "1"),
        ("%[slope]", false, .slope, "deg"),
    ]
}

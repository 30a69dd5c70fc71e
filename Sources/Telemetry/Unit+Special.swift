#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The scale of a special unit: a function of its proper unit, behind a metric prefix (UCUM 2.1, §21–22).
struct SpecialScale: Hashable, Sendable {
    var function: SpecialFunction
    var prefix: Ratio
}

/// The functions of UCUM's special units (UCUM 2.1, tables of §37 and §40 to §46).
enum SpecialFunction: Hashable, Sendable {
    /// Degrees Celsius over kelvin.
    case celsius
    /// Degrees Fahrenheit over 5/9 K.
    case fahrenheit
    /// Degrees Réaumur over 5/4 K.
    case reaumur
    /// The negative decimal logarithm of mol/l.
    case pH
    case naturalLogarithm
    case decimalLogarithm
    /// Twice the decimal logarithm: the level of a root-power quantity in bel.
    case twiceDecimalLogarithm
    case binaryLogarithm
    /// The slope in percent of an angle in degrees.
    case slope

    /// From the proper unit to the special one.
    func forward(_ x: Double) -> Double {
        switch self {
        case .celsius: x - 273.15
        case .fahrenheit: x - 459.67
        case .reaumur: x - 218.52
        case .pH: -log10(x)
        case .naturalLogarithm: log(x)
        case .decimalLogarithm: log10(x)
        case .twiceDecimalLogarithm: 2 * log10(x)
        case .binaryLogarithm: log2(x)
        case .slope: 100 * tan(x * .pi / 180)
        }
    }

    /// From the special unit to the proper one.
    func inverse(_ x: Double) -> Double {
        switch self {
        case .celsius: x + 273.15
        case .fahrenheit: x + 459.67
        case .reaumur: x + 218.52
        case .pH: pow(10, -x)
        case .naturalLogarithm: exp(x)
        case .decimalLogarithm: pow(10, x)
        case .twiceDecimalLogarithm: pow(10, x / 2)
        case .binaryLogarithm: exp2(x)
        case .slope: atan(x / 100) * 180 / .pi
        }
    }
}

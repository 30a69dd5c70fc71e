import Configuration
import Telemetry

extension ValueFormat where Value == Unit {
    /// A UCUM code that is known.
    static var unit: ValueFormat {
        .parsing(.string, "a unit such as 'Cel'", placeholder: .one) { text throws(InvalidValue) in
            do throws(UnknownUnit) {
                return try Unit.known(text)
            } catch {
                throw InvalidValue(error.message)
            }
        }
    }
}

extension ValueFormat where Value == String {
    /// The name of a series.
    static var seriesName: ValueFormat {
        .string.matching("a series name: \(Series.nameRule)") { Series.isValidName($0) }
    }
}

extension ValueFormat where Value == PriorityClass {
    /// The class of samples; events are of the class `event` by nature.
    static var sampleClass: ValueFormat {
        .converting(.name(among: [PriorityClass.metric.name, PriorityClass.bulk.name])) {
            PriorityClass(name: $0) ?? .metric
        }
    }
}

extension ValueFormat where Value == String {
    /// The key of a tag. The tag `device` is for the key that names the device, so that no two places can say it.
    static var tagKey: ValueFormat {
        .string.matching("a tag of a-z, 0-9, '_' and '-', and not 'device', which has a key of its own") { key in
            key != "device" && !key.contains(".") && Series.isValidName(key)
        }
    }

    /// What a tag says.
    static var tagValue: ValueFormat {
        .string.check("must be 1 to 255 bytes without control characters") { Tag.problem("", $0) == nil }
    }
}

extension ValueFormat where Value == ClosedRange<Double> {
    /// The least and the greatest of something: `[-40, 85]`.
    static var numberRange: ValueFormat {
        .parsing(.sequence(of: .double, count: 2...2), "a range such as [-40, 85]", placeholder: 0...1) {
            bounds throws(InvalidValue) in
            guard bounds.count == 2, bounds[0] < bounds[1] else {
                throw InvalidValue("must be the least and the greatest value, such as [-40, 85]")
            }
            return bounds[0]...bounds[1]
        }
    }
}

extension ValueFormat {
    /// One value, or a sequence of some.
    static func oneOrMore<Element>(_ element: ValueFormat<Element>) -> ValueFormat where Value == [Element] {
        ValueFormat(expected: "\(element.expected), or a sequence of them", placeholder: []) { reader in
            switch reader.node.content {
            case .sequence: reader.read(as: .sequence(of: element))
            default: reader.read(as: element).map { [$0] }
            }
        }
    }
}

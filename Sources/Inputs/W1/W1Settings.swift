package import Configuration

/// What can be set of an input `w1`.
package struct W1Settings: ConfigurationDecodable, Sendable {
    package enum Bulk: String, CaseIterable, Sendable {
        case auto
        case off
    }

    /// Nanoseconds between readings.
    package var every: Int64 = 10_000_000_000
    /// Names of sensors by their ids.
    package var names: [String: String] = [:]
    package var onlyNamed = false
    package var bulk = Bulk.auto
    /// The device the series are about; nil for the agent's own.
    package var device: String?

    package init() {}

    package init(from reader: inout MappingReader) {
        every = reader.value("every", as: .nanoseconds(in: 1_000_000_000...86_400_000_000_000), default: every)
        names = reader.value("names", as: .dictionary(keys: .thermometer, of: .tagValue), default: names)
        onlyNamed = reader.value("only-named", as: .bool, default: onlyNamed)
        bulk = reader.value("bulk", as: .enumeration, default: bulk)
        device = reader.optional("device", as: .identifier)
        if onlyNamed, names.isEmpty, reader.isSound("names") {
            reader.report("nothing would be read, because 'names' names none", key: "only-named")
        }
        if Set(names.values).count < names.count { reader.report("two sensors have one name", key: "names") }
    }
}

extension ValueFormat where Value == String {
    fileprivate static var thermometer: ValueFormat {
        .string.matching("the id of a thermometer, such as 28-0316a2798bff") { W1Family(of: $0) != nil }
    }
}

/// The families that w1_therm reads (kernel documentation, w1/slaves/w1_therm).
enum W1Family: String {
    case ds18s20 = "10"
    case ds1822 = "22"
    case ds18b20 = "28"
    case ds1825 = "3b"
    case ds28ea00 = "42"

    /// Nil for what is not the id of a thermometer: the family and twelve digits, both hexadecimal.
    init?(of id: some StringProtocol) {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        let isHex = { (text: Substring.UTF8View) in
            text.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
        }
        guard parts.count == 2, parts[1].utf8.count == 12, isHex(Substring(parts[1]).utf8) else { return nil }
        self.init(rawValue: String(parts[0]))
    }
}

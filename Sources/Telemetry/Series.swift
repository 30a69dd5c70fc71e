/// A number that stands for a series within one stream epoch: small, dense, given in order of registration.
package struct SeriesID: Hashable, Sendable, Comparable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static func < (a: SeriesID, b: SeriesID) -> Bool { a.rawValue < b.rawValue }
}

/// A key–value pair that tells apart series of one name.
package struct Tag: Hashable, Sendable, Comparable {
    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    package static func < (a: Tag, b: Tag) -> Bool { (a.key, a.value) < (b.key, b.value) }
}

/// What is measured: its name, the tags that tell it from its siblings, its unit, and where the numbers come from.
///
/// A value that does not change and takes one word: many tables of a box hold the same series, and share what is known of it.
package struct Series: Hashable, Sendable {
    /// How the values behave over time.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// A level that goes up and down.
        case gauge = 0
        /// A count that only grows, and starts anew when its source does.
        case counter = 1
        /// A state: text or boolean.
        case state = 2
    }

    private final class Facts: Sendable {
        let name: String
        let tags: [Tag]
        let unit: Unit
        let kind: Kind
        let provenance: Provenance

        init(_ name: String, _ tags: [Tag], _ unit: Unit, _ kind: Kind, _ provenance: Provenance) {
            self.name = name
            self.tags = tags
            self.unit = unit
            self.kind = kind
            self.provenance = provenance
        }
    }

    private let facts: Facts

    /// Dotted lower-case name, such as `joint.temperature`.
    package var name: String { facts.name }
    /// Sorted by key; keys are unique.
    package var tags: [Tag] { facts.tags }
    package var unit: Unit { facts.unit }
    package var kind: Kind { facts.kind }
    package var provenance: Provenance { facts.provenance }

    /// `tags`: in any order; of two tags with one key the later wins.
    package init(
        _ name: String, tags: [Tag] = [], unit: Unit = .one, kind: Kind = .gauge, provenance: Provenance = Provenance()
    ) {
        var unique: [Tag] = []
        unique.reserveCapacity(tags.count)
        for tag in tags {
            unique.removeAll { $0.key == tag.key }
            unique.append(tag)
        }
        unique.sort()
        facts = Facts(name, unique, unit, kind, provenance)
    }

    package static func == (a: Series, b: Series) -> Bool {
        a.facts === b.facts
            || a.name == b.name && a.tags == b.tags && a.unit == b.unit && a.kind == b.kind
                && a.provenance == b.provenance
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(tags)
        hasher.combine(unit)
        hasher.combine(kind)
        hasher.combine(provenance)
    }

    /// The value of the tag `key`, if the series has it.
    package subscript(tag key: String) -> String? {
        tags.first { $0.key == key }?.value
    }

    /// Name and tags as one text, `name,key=value,…`: the same for the same series on every box and in every epoch.
    package var key: String {
        tags.reduce(into: name) { text, tag in text += ",\(tag.key)=\(tag.value)" }
    }
}

/// Where a series' numbers come from, as far as it is known.
package struct Provenance: Hashable, Sendable {
    /// The sensor's serial number.
    package var serial: String?
    /// The least and the greatest value that the sensor can give, in the series' unit.
    package var range: ClosedRange<Double>?
    /// When the sensor's calibration ends.
    package var calibrationExpiry: Timestamp?

    package init(serial: String? = nil, range: ClosedRange<Double>? = nil, calibrationExpiry: Timestamp? = nil) {
        self.serial = serial
        self.range = range
        self.calibrationExpiry = calibrationExpiry
    }
}

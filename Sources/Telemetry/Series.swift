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

    /// Dotted lower-case name, such as `joint.temperature`.
    package let name: String
    /// Sorted by key; keys are unique.
    package let tags: [Tag]
    package let unit: Unit
    package let kind: Kind
    package let provenance: Provenance

    /// `tags`: in any order; of two tags with one key the later wins.
    package init(
        _ name: String, tags: [Tag] = [], unit: Unit = .one, kind: Kind = .gauge, provenance: Provenance = Provenance()
    ) {
        self.name = name
        var unique: [Tag] = []
        for tag in tags {
            unique.removeAll { $0.key == tag.key }
            unique.append(tag)
        }
        self.tags = unique.sorted()
        self.unit = unit
        self.kind = kind
        self.provenance = provenance
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

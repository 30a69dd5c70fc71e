package import Telemetry

/// What a series id stands for, within one epoch of one install. Travels in a frame of class `event` before its first
/// use.
package struct SeriesDefinition: Hashable, Sendable {
    package let id: SeriesID
    package let series: Series

    package init(id: SeriesID, series: Series) {
        self.id = id
        self.series = series
    }
}

extension SeriesDefinition {
    func validate() throws(FrameError) {
        guard series.tags.count <= FrameLimits.tags else {
            throw FrameError(.invalid, "series \(series.name) has more than \(FrameLimits.tags) tags")
        }
        try FrameLimits.check(text: series.name)
        for tag in series.tags {
            try FrameLimits.check(text: tag.key)
            try FrameLimits.check(text: tag.value)
        }
        if let serial = series.provenance.serial { try FrameLimits.check(text: serial) }
    }

    func write(to writer: inout ByteWriter) {
        writer.arrayHead(8)
        writer.unsigned(UInt64(id.rawValue))
        writer.text(series.name)
        writer.arrayHead(series.tags.count * 2)
        for tag in series.tags {
            writer.text(tag.key)
            writer.text(tag.value)
        }
        writer.text(series.unit.code)
        writer.unsigned(UInt64(series.kind.rawValue))
        if let serial = series.provenance.serial { writer.text(serial) } else { writer.null() }
        if let range = series.provenance.range {
            writer.arrayHead(2)
            writer.float(range.lowerBound)
            writer.float(range.upperBound)
        } else {
            writer.null()
        }
        if let expiry = series.provenance.calibrationExpiry {
            writer.integer(expiry.nanoseconds)
        } else {
            writer.null()
        }
    }

    init(from reader: inout ByteReader) throws(FrameError) {
        try reader.arrayHead(of: 8)
        let id = try reader.unsigned()
        guard let rawValue = UInt32(exactly: id) else { throw reader.malformed("a series id has at most 32 bits") }
        let name = try reader.text()
        let tags = try Self.tags(from: &reader)
        guard let unit = Unit(try reader.text()) else { throw reader.malformed("a unit must be a UCUM code") }
        guard let kind = Series.Kind(rawValue: UInt8(clamping: try reader.unsigned())) else {
            throw reader.malformed("the series is of no known kind")
        }
        var provenance = Provenance()
        if !reader.skipNull() { provenance.serial = try reader.text() }
        if !reader.skipNull() {
            try reader.arrayHead(of: 2)
            let least = try reader.float()
            let greatest = try reader.float()
            guard least <= greatest else { throw reader.malformed("a range must ascend") }
            provenance.range = least...greatest
        }
        if !reader.skipNull() { provenance.calibrationExpiry = Timestamp(nanoseconds: try reader.integer()) }
        self.id = SeriesID(rawValue: rawValue)
        series = Series(name, tags: tags, unit: unit, kind: kind, provenance: provenance)
        guard series.tags == tags else { throw reader.malformed("tags must ascend by key, each key once") }
    }

    private static func tags(from reader: inout ByteReader) throws(FrameError) -> [Tag] {
        let count = try reader.arrayHead()
        guard count % 2 == 0 else { throw reader.malformed("tags come as keys and values") }
        guard count / 2 <= FrameLimits.tags else {
            throw FrameError(.tooLarge, "a series has too many tags", at: reader.place)
        }
        var tags: [Tag] = []
        tags.reserveCapacity(count / 2)
        for _ in 0..<(count / 2) {
            let key = try reader.text()
            tags.append(Tag(key, try reader.text()))
        }
        return tags
    }
}

extension FrameLimits {
    static func check(text: String) throws(FrameError) {
        guard text.utf8.count <= textBytes else {
            throw FrameError(.textTooLong, "a text of \(text.utf8.count) bytes is longer than \(textBytes)")
        }
    }
}

import Telemetry

/// What can be set of the format `nmea`.
struct NMEAFormat: Hashable, Sendable {
    /// Whether a sentence without checksum is refused.
    var requiresChecksum = true
    /// Whether samples have the time that a sentence says, once the date is known; if not, that of arrival.
    var takesTime = false
}

/// Reads sentences of NMEA 0183: a record is a sentence.
///
/// The talker is left out: which of several receivers it is, a box says with `tags:`. A value of a sentence that says it
/// cannot be trusted is kept and marked as unreliable.
struct NMEARecords: RecordDecoding {
    /// More fields than this are no sentence.
    private static let maximumFields = 128

    private let format: NMEAFormat
    private var fields: [Range<Int>] = []
    private var clock = NMEAClock()

    init(_ format: NMEAFormat) { self.format = format }

    /// A receiver that was away says its date anew: the day may be another.
    mutating func restart() { clock = NMEAClock() }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let address = try split(record)
        guard address.count >= 4 else { throw RecordProblem("the sentence has no address of talker and kind") }
        let kind = address.suffix(3)
        let group = UnsafeRawBufferPointer(rebasing: record[kind])
        if record[address.lowerBound] != UInt8(ascii: "P") {
            if group.isEqual("XDR") { return try transducers(record, arrival: arrival, into: &points) }
            if group.isEqual("GSV") { return try satellites(record, address, arrival: arrival, into: &points) }
            if group.isEqual("RPM") { return try revolutions(record, arrival: arrival, into: &points) }
            if group.isEqual("MWV") {
                let isTrue = text(record, 2).isEqual("T")
                return try take(
                    record, isTrue ? NMEASentence.trueWind : .relativeWind,
                    isTrue ? UnsafeRawBufferPointer(rebasing: record[kind.lowerBound - 1..<kind.upperBound]) : group,
                    arrival: arrival, into: &points)
            }
            // Three letters fit into a string without memory of its own.
            if let sentence = NMEASentence.known[String(decoding: group, as: UTF8.self)] {
                return try take(record, sentence, group, arrival: arrival, into: &points)
            }
        }
        throw RecordProblem(
            "\(record[address].shownText) gives no series", at: address.lowerBound, .unknownSentence)
    }

    private mutating func take(
        _ record: UnsafeRawBufferPointer, _ sentence: NMEASentence, _ kind: UnsafeRawBufferPointer, arrival: Timestamp,
        into points: inout PointIntake
    ) throws(RecordProblem) {
        let validity = sentence.validity.map { text(record, $0.index) }
        // Older receivers have no such field, and then nothing is doubted.
        let isGood =
            sentence.validity.map { rule in
                validity?.isEmpty ?? true
                    || validity?.contains { $0 == rule.good.utf8Start[0] || rule.good.contains($0) } ?? true
            } ?? true
        var time = arrival
        if format.takesTime, isGood {
            clock.date(sentence.date.map { text(record, $0) })
            if kind.isEqual("ZDA") { clock.date(day: text(record, 2), month: text(record, 3), year: text(record, 4)) }
            if let read = clock.time(sentence.time.map { text(record, $0) }) { time = read }
        }
        var group = points.group(kind)
        for (number, field) in sentence.fields.enumerated() {
            guard let value = try value(record, field) else { continue }
            try add(
                UInt8(truncatingIfNeeded: number), to: &group, value, at: time,
                // How good the fix is, is true whatever the fix is.
                quality: isGood || field.series.hasPrefix("gnss.") ? [] : .unreliable, into: &points
            ) {
                Series(
                    field.series, tags: field.tag.map { [$0] } ?? [], unit: field.unit,
                    kind: field.isCounter ? .counter : .gauge)
            }
        }
    }

    /// The value of a field; nil when it is empty.
    private func value(
        _ record: UnsafeRawBufferPointer, _ field: NMEASentence.Field
    ) throws(RecordProblem) -> Value? {
        guard let number = try number(record, field.index) else { return nil }
        let letter = text(record, field.index + 1).first ?? 0
        switch field.form {
        case .number(let factor): return .double(number * factor)
        case .whole:
            guard let whole = Int64(exactly: number) else { throw refusal(record, field.index, "a whole number") }
            return .integer(whole)
        case .directed:
            return .double("WSL".utf8.contains(letter) ? -number : number)
        case .speed:
            switch letter {
            case UInt8(ascii: "M"): return .double(number)
            case UInt8(ascii: "K"): return .double(number / 3.6)
            case UInt8(ascii: "N"): return .double(number * 1852 / 3600)
            case UInt8(ascii: "S"): return .double(number * 1609.344 / 3600)
            default: throw refusal(record, field.index + 1, "one of K, M, N and S")
            }
        case .coordinate: return .double(try coordinate(record, field.index))
        }
    }

    /// Degrees and minutes as degrees, rounded once.
    private func coordinate(_ record: UnsafeRawBufferPointer, _ index: Int) throws(RecordProblem) -> Double {
        let hemisphere = text(record, index + 1).first ?? 0
        let isLatitude = hemisphere == UInt8(ascii: "N") || hemisphere == UInt8(ascii: "S")
        guard isLatitude || hemisphere == UInt8(ascii: "E") || hemisphere == UInt8(ascii: "W") else {
            throw refusal(record, index + 1, "one of N, S, E and W")
        }
        // In thousand-millionths of a minute: ddmm.mmm is exact as a whole number, and hardly ever as a double.
        guard let exact = DecimalText(whole: text(record, index))?.fixed(1_000_000_000), exact >= 0 else {
            throw refusal(record, index, "degrees and minutes")
        }
        let (degrees, minutes) = exact.quotientAndRemainder(dividingBy: 100_000_000_000)
        let value = Double(degrees * 60_000_000_000 + minutes) / 60_000_000_000
        guard degrees <= 180, minutes < 60_000_000_000, value <= (isLatitude ? 90 : 180) else {
            throw refusal(record, index, "degrees and minutes")
        }
        return hemisphere == UInt8(ascii: "S") || hemisphere == UInt8(ascii: "W") ? -value : value
    }

    // MARK: - Sentences with a shape of their own

    /// XDR: type, value, unit and name of one transducer after another.
    private func transducers(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var index = 1
        while index + 2 < fields.count {
            defer { index += 4 }
            guard let number = try number(record, index + 1) else { continue }
            let (type, unit, name) = (text(record, index), text(record, index + 2), text(record, index + 3))
            guard let known = NMEASentence.transducer(type.first ?? 0, unit.first ?? 0) else {
                points.refuse(
                    RecordProblem(
                        "a transducer of type '\(type.shownText)' and unit '\(unit.shownText)' is not known",
                        at: fields[index].lowerBound, .badValue))
                continue
            }
            // Type, unit and name tell a transducer; the value between them does not.
            var group = points.group(name)
            let key = UInt16(type.first ?? 0) << 8 | UInt16(unit.first ?? 0)
            try add(key, to: &group, .double(number), at: arrival, into: &points) { () throws(RecordProblem) in
                let name = name.isEmpty ? nil : name.text
                if let problem = name.flatMap({ Tag.problem("transducer", $0) }) {
                    throw RecordProblem("the name of the transducer: \(problem)", .badValue)
                }
                return Series(
                    known.series, tags: name.map { [Tag("transducer", $0)] } ?? [], unit: Unit(known.unit) ?? .one)
            }
        }
    }

    /// GSV: of its several sentences the first says how many satellites of one constellation there are.
    private func satellites(
        _ record: UnsafeRawBufferPointer, _ address: Range<Int>, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        guard text(record, 2).isEqual("1"), let number = try number(record, 3), let count = Int64(exactly: number)
        else {
            return
        }
        let whole = UnsafeRawBufferPointer(rebasing: record[address])
        var group = points.group(whole)
        try add(UInt8(3), to: &group, .integer(count), at: arrival, into: &points) {
            Series("gnss.satellites-in-view", tags: [Tag("constellation", whole.prefix(2).shownText.lowercased())])
        }
    }

    /// RPM: of an engine or a shaft, which is numbered.
    private func revolutions(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let (source, which) = (text(record, 1), text(record, 2))
        let isEngine = source.isEqual("E")
        var group = points.group(which)
        let quality: Quality = text(record, 5).isEqual("V") ? .unreliable : []
        for (index, name, unit) in [(3, "speed", "{rev}/min"), (4, "pitch", "%")] {
            guard let number = try number(record, index) else { continue }
            let key = UInt16(index) << 8 | (isEngine ? 1 : 0)
            try add(key, to: &group, .double(number), at: arrival, quality: quality, into: &points) {
                () throws(RecordProblem) in
                if let problem = Tag.problem("number", which.text) {
                    throw RecordProblem("the number of the engine: \(problem)", .badValue)
                }
                return Series(
                    (isEngine ? "engine." : "shaft.") + name, tags: [Tag("number", which.text)],
                    unit: Unit(unit) ?? .one)
            }
        }
    }

    private func add(
        _ key: some FixedWidthInteger, to group: inout PointIntake.Group, _ value: Value, at time: Timestamp,
        quality: Quality = [], into points: inout PointIntake, series: () throws(RecordProblem) -> Series
    ) throws(RecordProblem) {
        var key = key
        try withUnsafeMutablePointer(to: &key) { key throws(RecordProblem) in
            try points.add(
                UnsafeRawBufferPointer(start: key, count: MemoryLayout.size(ofValue: key.pointee)), to: &group, value,
                at: time, quality: quality, series: series)
        }
    }

    // MARK: - The text of a sentence

    /// Finds the fields of a sentence, the address as the first, and checks its sum.
    ///
    /// - Returns: where the address stands.
    private mutating func split(_ record: UnsafeRawBufferPointer) throws(RecordProblem) -> Range<Int> {
        fields.removeAll(keepingCapacity: true)
        var start = 0
        // A tag block (NMEA 0183 version 4) goes before the sentence.
        if record.first == UInt8(ascii: "\\"), let end = record.dropFirst().firstIndex(of: UInt8(ascii: "\\")) {
            start = end + 1
        }
        guard start < record.count, record[start] == UInt8(ascii: "$") || record[start] == UInt8(ascii: "!") else {
            throw RecordProblem("a sentence begins with '$'", at: start)
        }
        var index = start + 1
        var sum: UInt8 = 0
        var first = index
        while index < record.count, record[index] != UInt8(ascii: "*") {
            sum ^= record[index]
            if record[index] == UInt8(ascii: ",") {
                guard fields.count < Self.maximumFields else {
                    throw RecordProblem("more than \(Self.maximumFields) fields", at: index)
                }
                fields.append(first..<index)
                first = index + 1
            }
            index += 1
        }
        fields.append(first..<index)
        try check(sum, of: record, at: index)
        return fields[0]
    }

    private func check(_ sum: UInt8, of record: UnsafeRawBufferPointer, at star: Int) throws(RecordProblem) {
        guard star < record.count else {
            guard format.requiresChecksum else { return }
            throw RecordProblem(
                "the sentence has no checksum; if the device never sends one, set 'checksum: optional'", at: star,
                .badChecksum)
        }
        var end = record.count
        while end > star + 1, record[end - 1].isBlank || record[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let digits = record[(star + 1)..<end]
        guard digits.count == 2, let given = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw RecordProblem("the checksum is not two hexadecimal digits", at: star, .badChecksum)
        }
        guard given == sum else {
            let wanted = String(sum, radix: 16, uppercase: true)
            throw RecordProblem(
                "the checksum says \(digits.shownText), the sentence \(wanted.count < 2 ? "0" : "")\(wanted)", at: star,
                .badChecksum)
        }
    }

    private func text(_ record: UnsafeRawBufferPointer, _ index: Int) -> UnsafeRawBufferPointer {
        guard index < fields.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: record[fields[index]])
    }

    private func number(_ record: UnsafeRawBufferPointer, _ index: Int) throws(RecordProblem) -> Double? {
        let text = text(record, index)
        if text.isEmpty { return nil }
        guard let number = DecimalText(whole: text)?.double(in: text), number.isFinite else {
            throw refusal(record, index, "a number")
        }
        return number
    }

    private func refusal(_ record: UnsafeRawBufferPointer, _ index: Int, _ wanted: String) -> RecordProblem {
        let text = text(record, index)
        return RecordProblem(
            "\(fields.first.map { record[$0].shownText } ?? ""): field \(index) is '\(text.prefix(40).shownText)' and not \(wanted)",
            at: index < fields.count ? fields[index].lowerBound : record.count)
    }
}

extension StaticString {
    fileprivate func contains(_ byte: UInt8) -> Bool {
        for index in 0..<utf8CodeUnitCount where utf8Start[index] == byte { return true }
        return false
    }
}

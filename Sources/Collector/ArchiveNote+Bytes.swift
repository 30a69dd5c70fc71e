import Delivery
import Frames
import Storage
import Telemetry

/// The forms of notes, as <doc:Archive> specifies them.
extension ArchiveNote {
    /// The first eight bytes of each form.
    private enum Magic: String, CaseIterable {
        case clock = "FPCLOCK1"
        case boots = "FPBOOTS1"
        /// Of the first form, which told times as they were known when the frames expired. It is read and no longer written.
        case placedExpiry = "FPEXPIR1"
        case expiry = "FPEXPIR2"
        case registration = "FPREGIS1"
        case definition = "FPDEFIN1"

        var bytes: [UInt8] { Array(rawValue.utf8) }
    }

    /// Whether a record is a note of a form that this program does not know: a later version wrote it.
    static func isOfLaterForm(_ record: [UInt8]) -> Bool {
        // Nearly every record is a frame.
        guard record.starts(with: [UInt8(ascii: "F"), UInt8(ascii: "P")]) else { return false }
        let note = ChainedNote(record).note
        return !Magic.allCases.contains { note.starts(with: $0.bytes) }
    }

    var bytes: [UInt8] {
        switch self {
        case .clock(let time): return Magic.clock.bytes + time.nanoseconds.bigEndianBytes
        case .boots(let boots):
            return boots.sorted { $0.key < $1.key }.reduce(into: Magic.boots.bytes) { bytes, known in
                known.key.encode(into: &bytes)
                known.value.encode(into: &bytes)
            }
        case .expiry(let expiry):
            return expiry.runs.reduce(into: Magic.expiry.bytes + expiry.through.bigEndianBytes) { bytes, run in
                run.encode(into: &bytes)
            }
        case .registration(let scenario, let digest):
            var bytes = Magic.registration.bytes
            scenario.encode(into: &bytes)
            let text = Array(digest.utf8.prefix(255))
            return bytes + [UInt8(text.count)] + text
        case .definition(let document): return Magic.definition.bytes + document
        }
    }

    /// Of a record with or without a link to the note before it. Nil for anything else, frames above all.
    init?(_ record: [UInt8]) {
        let chained = ChainedNote(record)
        // Nearly every record is a frame, which is not copied to find that out.
        let bytes = chained.previous == nil ? record : Array(chained.note)
        guard bytes.count > 8, let magic = Magic.allCases.first(where: { bytes.starts(with: $0.bytes) }) else {
            return nil
        }
        var reader = NoteReader(bytes: bytes[8...])
        switch magic {
        case .clock:
            guard let time = reader.integer(), reader.bytes.isEmpty else { return nil }
            self = .clock(Timestamp(nanoseconds: time))
        case .boots:
            var boots: [BootKey: BootClock] = [:]
            while !reader.bytes.isEmpty {
                guard let boot = BootKey(&reader), let clock = BootClock(&reader) else { return nil }
                boots[boot] = clock
            }
            self = .boots(boots)
        case .placedExpiry, .expiry:
            guard let through = reader.number() else { return nil }
            var expiry = Expiry(through: through, runs: [])
            while !reader.bytes.isEmpty {
                guard let run = ExpiredFrames(&reader, isPlaced: magic == .placedExpiry) else { return nil }
                expiry.runs.append(run)
            }
            self = .expiry(expiry)
        case .registration:
            guard let scenario = reader.identifier(), let count = reader.byte(), let text = reader.take(Int(count)),
                reader.bytes.isEmpty
            else { return nil }
            self = .registration(scenario, digest: String(decoding: text, as: UTF8.self))
        case .definition: self = .definition(Array(reader.bytes))
        }
    }
}

/// Takes a note apart.
struct NoteReader {
    var bytes: ArraySlice<UInt8>

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func number() -> UInt64? { take(8).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }

    mutating func integer() -> Int64? { number().map { Int64(bitPattern: $0) } }

    mutating func byte() -> UInt8? { take(1)?.first }

    mutating func flag() -> Bool? { byte().flatMap { $0 <= 1 ? $0 == 1 : nil } }

    mutating func identifier() -> Identifier? {
        guard let count = byte(), let text = take(Int(count)) else { return nil }
        return Identifier(String(decoding: text, as: UTF8.self))
    }

    mutating func id() -> UUIDBytes? { take(16).flatMap { UUIDBytes(bytes: $0) } }

    mutating func range() -> ClosedRange<Int64>? {
        guard let first = integer(), let last = integer(), first <= last else { return nil }
        return first...last
    }
}

extension Identifier {
    fileprivate func encode(into bytes: inout [UInt8]) {
        let text = Array(text.utf8)
        bytes.append(UInt8(text.count))
        bytes += text
    }
}

extension BootKey {
    fileprivate func encode(into bytes: inout [UInt8]) {
        site.encode(into: &bytes)
        agent.encode(into: &bytes)
        bytes += install.bytes + boot.bytes + epoch.bigEndianBytes
    }

    fileprivate init?(_ reader: inout NoteReader) {
        guard let site = reader.identifier(), let agent = reader.identifier(), let install = reader.id(),
            let boot = reader.id(), let epoch = reader.number()
        else { return nil }
        self.init(site: site, agent: agent, install: install, boot: boot, epoch: epoch)
    }
}

extension BootClock {
    fileprivate func encode(into bytes: inout [UInt8]) {
        first.encode(into: &bytes)
        bytes.append(anchor == nil ? 0 : 1)
        guard let anchor, let synchronised else { return }
        anchor.encode(into: &bytes)
        bytes += synchronised.lowerBound.bigEndianBytes + synchronised.upperBound.bigEndianBytes
    }

    fileprivate init?(_ reader: inout NoteReader) {
        guard let first = Mark(&reader), let isSynchronised = reader.flag() else { return nil }
        guard isSynchronised else {
            self.init(first: first, anchor: nil, synchronised: nil)
            return
        }
        guard let anchor = Mark(&reader), let offsets = reader.range() else { return nil }
        self.init(first: first, anchor: anchor, synchronised: offsets)
    }
}

extension BootClock.Mark {
    fileprivate func encode(into bytes: inout [UInt8]) {
        bytes += sinceBoot.bigEndianBytes + offset.bigEndianBytes + error.bigEndianBytes
    }

    fileprivate init?(_ reader: inout NoteReader) {
        guard let since = reader.integer(), let offset = reader.integer(), let error = reader.integer() else {
            return nil
        }
        self.init(sinceBoot: since, offset: offset, error: error)
    }
}

extension ExpiredFrames {
    /// In the present form; what was read in the earlier one is never written again.
    fileprivate func encode(into bytes: inout [UInt8]) {
        stream.site.encode(into: &bytes)
        stream.agent.encode(into: &bytes)
        bytes += stream.install.bytes
        bytes += stream.epoch.bigEndianBytes
        bytes.append(stream.priority.rawValue)
        bytes += boot.bytes
        bytes += span.sequences.lowerBound.bigEndianBytes + span.sequences.upperBound.bigEndianBytes
        bytes += span.firstOrdinal.bigEndianBytes + span.nextOrdinal.bigEndianBytes
        var offset: Int64 = 0
        if case .synchronised(let known) = recording { offset = known }
        bytes.append(recording == .unsynchronised ? 0 : 1)
        bytes += offset.bigEndianBytes
        bytes.append(UInt8(clamping: times.count))
        for stretch in times { bytes += stretch.lowerBound.bigEndianBytes + stretch.upperBound.bigEndianBytes }
        bytes += digest.bytes
    }

    fileprivate init?(_ reader: inout NoteReader, isPlaced: Bool) {
        guard let site = reader.identifier(), let agent = reader.identifier(), let install = reader.id(),
            let epoch = reader.number(), let priority = reader.byte().flatMap({ PriorityClass(rawValue: $0) }),
            let boot = reader.id(), let first = reader.number(), let last = reader.number(), first <= last,
            last < .max, let ordinal = reader.number(), let next = reader.number(), ordinal <= next,
            let (recording, times) = isPlaced ? reader.placedTimes() : reader.times(),
            let digest = reader.take(32).flatMap({ FrameDigest(bytes: $0) })
        else { return nil }
        self.init(
            stream: Stream(site: site, agent: agent, install: install, epoch: epoch, priority: priority),
            boot: boot, span: FrameSpan(sequences: first...last, firstOrdinal: ordinal, nextOrdinal: next),
            recording: recording, times: times, digest: digest)
    }
}

extension NoteReader {
    /// Recording, offset, count, stretches.
    fileprivate mutating func times() -> (ExpiredFrames.Recording, [ClosedRange<Int64>])? {
        guard let isSynchronised = flag(), let offset = integer(), let count = byte() else { return nil }
        var times: [ClosedRange<Int64>] = []
        for _ in 0..<count {
            guard let stretch = range() else { return nil }
            times.append(stretch)
        }
        return (isSynchronised ? .synchronised(offset: offset) : .unsynchronised, times.joined())
    }

    /// One stretch of the time, or none, as the first form has it.
    fileprivate mutating func placedTimes() -> (ExpiredFrames.Recording, [ClosedRange<Int64>])? {
        guard let hasTimes = flag(), let stretch = range() else { return nil }
        return (.placed, hasTimes ? [stretch] : [])
    }
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }
}

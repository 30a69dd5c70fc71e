import Delivery
import Frames
import Storage
import Telemetry

/// What the archive's log holds beside frames: what it let go of, and when. No frame begins with these magics.
///
/// The bytes are specified in <doc:Archive>. Numbers are big-endian; the log's own checksum covers a note.
enum ArchiveNote: Hashable, Sendable {
    /// The collector's clock, which the kernel called synchronised, when the note was written.
    case clock(Timestamp)
    case expiry(Expiry)

    /// What stood in a segment of frames that is let go of.
    struct Expiry: Hashable, Sendable {
        /// The last position of the frames' lane that goes; 0 when more notes on the same segment follow.
        var through: UInt64
        var runs: [ExpiredFrames]
    }

    private static let clockMagic = Array("FPCLOCK1".utf8)
    private static let expiryMagic = Array("FPEXPIR1".utf8)
    /// So that a note fits a segment, whatever it is about.
    static let mostRuns = 256

    var bytes: [UInt8] {
        switch self {
        case .clock(let time): return Self.clockMagic + UInt64(bitPattern: time.nanoseconds).bigEndianBytes
        case .expiry(let expiry):
            var bytes = Self.expiryMagic + expiry.through.bigEndianBytes
            for run in expiry.runs { run.encode(into: &bytes) }
            return bytes
        }
    }

    /// Nil for anything else, frames above all.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 16, bytes.starts(with: Self.clockMagic) || bytes.starts(with: Self.expiryMagic) else {
            return nil
        }
        var reader = NoteReader(bytes: bytes[8...])
        guard let number = reader.number() else { return nil }
        if bytes.starts(with: Self.clockMagic) {
            guard reader.bytes.isEmpty else { return nil }
            self = .clock(Timestamp(nanoseconds: Int64(bitPattern: number)))
            return
        }
        var expiry = Expiry(through: number, runs: [])
        while !reader.bytes.isEmpty {
            guard let run = ExpiredFrames(&reader) else { return nil }
            expiry.runs.append(run)
        }
        self = .expiry(expiry)
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

    mutating func byte() -> UInt8? { take(1)?.first }

    mutating func identifier() -> Identifier? {
        guard let count = byte(), let text = take(Int(count)) else { return nil }
        return Identifier(String(decoding: text, as: UTF8.self))
    }
}

extension ExpiredFrames {
    fileprivate func encode(into bytes: inout [UInt8]) {
        for identifier in [stream.site, stream.agent] {
            let text = Array(identifier.text.utf8)
            bytes.append(UInt8(text.count))
            bytes += text
        }
        bytes += stream.install.bytes
        bytes += stream.epoch.bigEndianBytes
        bytes.append(stream.priority.rawValue)
        bytes += boot.bytes
        bytes += span.sequences.lowerBound.bigEndianBytes + span.sequences.upperBound.bigEndianBytes
        bytes += span.firstOrdinal.bigEndianBytes + span.nextOrdinal.bigEndianBytes
        bytes.append(times == nil ? 0 : 1)
        bytes += UInt64(bitPattern: times?.lowerBound.nanoseconds ?? 0).bigEndianBytes
        bytes += UInt64(bitPattern: times?.upperBound.nanoseconds ?? 0).bigEndianBytes
        bytes += digest.bytes
    }

    fileprivate init?(_ reader: inout NoteReader) {
        guard let site = reader.identifier(), let agent = reader.identifier(),
            let install = reader.take(16).flatMap({ UUIDBytes(bytes: $0) }), let epoch = reader.number(),
            let priority = reader.byte().flatMap({ PriorityClass(rawValue: $0) }),
            let boot = reader.take(16).flatMap({ UUIDBytes(bytes: $0) }), let first = reader.number(),
            let last = reader.number(), first <= last, last < .max, let ordinal = reader.number(),
            let next = reader.number(), ordinal <= next,
            let hasTimes = reader.byte(), let begin = reader.number(), let end = reader.number(),
            let digest = reader.take(32).flatMap({ FrameDigest(bytes: $0) })
        else { return nil }
        let times = (Timestamp(nanoseconds: Int64(bitPattern: begin)), Timestamp(nanoseconds: Int64(bitPattern: end)))
        guard hasTimes <= 1, times.0 <= times.1 else { return nil }
        self.init(
            stream: Stream(site: site, agent: agent, install: install, epoch: epoch, priority: priority),
            boot: boot, span: FrameSpan(sequences: first...last, firstOrdinal: ordinal, nextOrdinal: next),
            times: hasTimes == 1 ? times.0...times.1 : nil, digest: digest)
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> UInt64($0)) }
    }
}

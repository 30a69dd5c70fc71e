#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Cuts a stream of bytes into records. What waits for its end is bounded: the rest of a record that is too long is let go.
struct RecordSplitter {
    /// What ends a record.
    enum Terminator: Hashable, Sendable {
        /// This byte; with `\n`, a `\r` before it is not part of the record.
        case byte(UInt8)
        /// The end of the stream.
        case end
    }

    let terminator: Terminator
    private let longest: Int
    /// The beginning of a record whose end has not come.
    private var pending: [UInt8] = []
    /// The rest of a record that is too long is still coming.
    private var isDiscarding = false
    /// Records that were too long since the last ``takeTooLong()``.
    private var tooLong = 0

    init(_ terminator: Terminator = .byte(UInt8(ascii: "\n")), longest: Int = RecordIntake.longestRecord) {
        self.terminator = terminator
        self.longest = longest
    }

    /// How many bytes wait for the end of their record.
    var pendingCount: Int { pending.count }

    /// How many records were too long since this was last asked.
    mutating func takeTooLong() -> Int {
        defer { tooLong = 0 }
        return tooLong
    }

    /// Calls `body` with each record that is whole; its bytes are lent for the call. Empty records are left out.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard case .byte(let end) = terminator else {
            append(bytes)
            return
        }
        var rest = bytes
        while let found = rest.firstOffset(of: end) {
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<found])
            rest = UnsafeRawBufferPointer(rebasing: rest[(found + 1)...])
            if isDiscarding {
                isDiscarding = false
            } else if pending.isEmpty {
                if piece.count > longest { tooLong += 1 } else { give(piece, body) }
            } else {
                append(piece)
                if !isDiscarding { pending.withUnsafeBytes { give($0, body) } }
                isDiscarding = false
                pending.removeAll(keepingCapacity: true)
            }
        }
        append(rest)
    }

    /// The stream has ended: what waits is a record too, if there is any.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        if !isDiscarding { pending.withUnsafeBytes { give($0, body) } }
        reset()
    }

    /// What comes up to the next end of a record is not taken: it may be the end of one whose beginning was missed.
    mutating func skipRecord() {
        pending = []
        isDiscarding = true
    }

    /// Forgets what waits.
    mutating func reset() {
        isDiscarding = false
        pending = []
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !isDiscarding else { return }
        guard pending.count + bytes.count <= longest else {
            tooLong += 1
            isDiscarding = true
            pending.removeAll(keepingCapacity: true)
            return
        }
        pending.append(contentsOf: bytes)
    }

    private func give(_ record: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var record = record
        if case .byte(UInt8(ascii: "\n")) = terminator, record.last == UInt8(ascii: "\r") {
            record = UnsafeRawBufferPointer(rebasing: record.dropLast())
        }
        if !record.isEmpty { body(record) }
    }
}

extension UnsafeRawBufferPointer {
    func firstOffset(of byte: UInt8) -> Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}

import Frames

/// A note of lane 0 as the log has it: with the hash of the note before it, so that none can be changed, left out or put in without
/// the next one telling. The bytes are specified in <doc:Archive>.
struct ChainedNote {
    /// SHA-256 of the record of the note before it, all zeros for the first; nil for a note of an earlier form, which has none.
    let previous: [UInt8]?
    /// The note in its own form.
    let note: ArraySlice<UInt8>

    private static let magic = Array("FPCHAIN1".utf8)
    private static let linkSize = 32

    /// What the first note of a lane has in the place of a hash.
    static let none = [UInt8](repeating: 0, count: linkSize)

    /// Takes a record apart; what has no link is all note.
    init(_ record: [UInt8]) {
        guard record.starts(with: Self.magic), record.count >= Self.magic.count + Self.linkSize else {
            (previous, note) = (nil, record[...])
            return
        }
        let begin = Self.magic.count
        previous = Array(record[begin..<begin + Self.linkSize])
        note = record[(begin + Self.linkSize)...]
    }

    /// The record of a note that follows one with this hash.
    static func record(_ note: ArchiveNote, after previous: [UInt8]) -> [UInt8] { magic + previous + note.bytes }
}

/// Whether every note of lane 0 names the one before it, in the order in which they stand.
struct NoteChain {
    /// SHA-256 of the last note, all zeros before the first.
    private(set) var head = ChainedNote.none
    /// Notes of an earlier form, which name none.
    private(set) var unlinked = 0
    /// Positions of notes that do not follow the note before them.
    private(set) var breaks: [UInt64] = []
    private var isLinked = false

    /// Takes in the record of a note.
    mutating func note(_ record: [UInt8], at position: UInt64) {
        if let previous = ChainedNote(record).previous {
            if previous != head { breaks.append(position) }
            isLinked = true
        } else if isLinked {
            // Nobody writes that form any more.
            breaks.append(position)
        } else {
            unlinked += 1
        }
        head = FrameDigest(of: record).bytes
    }
}

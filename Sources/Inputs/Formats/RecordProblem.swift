/// Why a record, or one value of it, is dropped.
struct RecordProblem: Error, Hashable {
    /// What it is counted as; the words are the counters' names.
    enum Reason: String, CaseIterable {
        /// A line of line protocol that cannot be read.
        case badLine = "bad line"
        /// A record that cannot be read as its format.
        case badRecord = "bad record"
        case badChecksum = "bad checksum"
        /// A record whose time is missing, cannot be read or cannot be held.
        case badTime = "bad time"
        /// One value of a record that is otherwise good.
        case badValue = "bad value"
        case tooLong = "record too long"
        /// The beginning of a record whose end never came: half a number is a number too.
        case cutOff = "record cut off"
        /// A sentence that is whole, and of a kind that gives no series.
        case unknownSentence = "unknown sentence"
    }

    let reason: Reason
    /// Bytes from the record's first; the column is one more.
    let offset: Int
    /// What is wrong and what to do.
    let message: String

    init(_ message: String, at offset: Int = 0, _ reason: Reason = .badRecord) {
        self.message = message
        self.offset = offset
        self.reason = reason
    }
}

/// One line of line protocol, as places in the bytes it was read from; all offsets count from the line's first byte.
struct LinePoint {
    /// Measurement and tags, as they were sent.
    var head: Range<Int>
    /// The timestamp in the sender's unit; nil when the line has none.
    var timestamp: Int64?
    /// Where the timestamp stands, for complaints.
    var timestampOffset: Int
    /// The first byte after the line and its newline.
    var end: Int
}

/// One field of a line.
struct LineField {
    /// The key as it was sent, with its backslashes.
    var key: Range<Int>
    var value: LineValue
}

/// A field's value; text is not copied until somebody wants it.
enum LineValue {
    case double(Double)
    case integer(Int64)
    case boolean(Bool)
    /// What stands between the quotes.
    case text(Range<Int>, hasEscapes: Bool)

    /// A state is not a number: the two cannot share a series.
    var isState: Bool {
        switch self {
        case .double, .integer: false
        case .boolean, .text: true
        }
    }
}

/// What a parser makes of the bytes that begin with a line.
enum LineOutcome {
    case point(LinePoint)
    /// An empty line or a comment; ends before this offset.
    case nothing(end: Int)
    /// A quoted text has run over a newline, and the bytes end inside it or before the next newline; the rest may be
    /// yet to come.
    case unfinished(isTextOpen: Bool)
}

/// A place in a file, as an editor shows it.
///
/// Both numbers begin at 1. Columns count Unicode code points, so a tab is one column and so is `é` or `抓`.
package struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// The column in code points, from 1.
    package let column: Int

    /// The first character of a file.
    package static let start = SourcePosition(line: 1, column: 1)

    /// A position from its 1-based line and column.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `12:5`.
    package var description: String { "\(line):\(column)" }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

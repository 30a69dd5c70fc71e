import Configuration

extension ValueFormat where Value == RecordSplitter.Terminator {
    /// What ends a record: `lf` (also `\r\n`), `cr`, or a character.
    static var terminator: ValueFormat {
        .converting(.character) { .byte($0) }
    }
}

import Telemetry
import Testing

@Suite("Texts in texts")
struct TextTests {
    @Test(
        "a text says what is part of it",
        arguments: [
            ("/var/spool is full", "/var/spool", true), ("no room in /var/spool", "/var/spool", true),
            ("abab", "bab", true), ("aab", "ab", true), ("", "", true), ("a", "", true), ("", "a", false),
            ("/var/spoon", "/var/spool", false),
            ("ab", "abc", false), ("grün", "ü", true),
        ])
    func parts(text: String, part: String, isSaid: Bool) { #expect(text.says(part) == isSaid) }
}

import Scenarios
import Testing

@Suite("Changes of a definition")
struct DefinitionChangeTests {
    @Test(
        "each is named by its path, elements of lists by their ids, with what was there before and after",
        arguments: [
            (#"{"a":1}"#, #"{"a":1}"#, []),
            (#"{"a":1}"#, #"{"a":2}"#, ["a: 1 → 2"]),
            (#"{"a":{"b":"x"}}"#, #"{"a":{"c":"x"}}"#, [#"a.b: "x" → –"#, #"a.c: – → "x""#]),
            (
                #"{"criteria":[{"at-least":0.95,"id":"ok"},{"id":"t"}]}"#,
                #"{"criteria":[{"id":"t"},{"at-least":0.9,"id":"ok"}]}"#, ["criteria[ok].at-least: 0.95 → 0.9"]
            ),
            (#"{"s":[{"id":"a"}]}"#, #"{"s":[{"id":"b"}]}"#, [#"s[a]: {"id":"a"} → –"#, #"s[b]: – → {"id":"b"}"#]),
            (#"{"o":["x","y"]}"#, #"{"o":["y","x"]}"#, [#"o: ["x","y"] → ["y","x"]"#]),
            ("no json", "{}", []),
        ])
    func changes(_ before: String, _ after: String, _ expected: [String]) {
        let changes = DefinitionChange.between(Array(before.utf8), Array(after.utf8))
        #expect(changes.map { "\($0.path): \($0.before ?? "–") → \($0.after ?? "–")" } == expected)
    }
}

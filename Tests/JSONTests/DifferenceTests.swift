import JSON
import Testing

@Suite("Differences of two values")
struct DifferenceTests {
    @Test(
        "are named by their path, elements of arrays by their place or their id",
        arguments: [
            (.place, #"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, []),
            (.place, #"{"a":{"b":[1,{"c":2}]}}"#, #"{"a":{"b":[1,{"c":3}]}}"#, ["a.b[1].c: 2 | 3"]),
            (.place, #"{"a":[1,2]}"#, #"{"a":[1]}"#, ["a: [1,2] | [1]"]),
            (.place, "[[1],[2]]", "[[1],[3]]", ["[1][0]: 2 | 3"]),
            (.place, #"{"a":1}"#, #"{"b":1}"#, ["a: 1 | –", "b: – | 1"]),
            (.place, "1", "2", [": 1 | 2"]),
            (.id, #"[{"id":"x","v":1},{"id":"y"}]"#, #"[{"id":"y"},{"id":"x","v":2}]"#, ["[x].v: 1 | 2"]),
            (.id, #"{"s":[{"id":"x"}]}"#, #"{"s":[]}"#, [#"s[x]: {"id":"x"} | –"#]),
            (.id, #"{"s":["x"]}"#, #"{"s":["y"]}"#, [#"s: ["x"] | ["y"]"#]),
            (.place, #"{"skip":{"a":1},"b":null}"#, #"{"skip":{"a":2},"b":0}"#, ["b: null | 0"]),
        ] as [(JSONDifference.Matching, String, String, [String])])
    func paths(_ matching: JSONDifference.Matching, _ before: String, _ after: String, _ expected: [String]) throws {
        func text(_ value: JSONValue?) -> String { value.map { String(decoding: $0.compact(), as: UTF8.self) } ?? "–" }
        let found = JSONDifference.between(
            try JSONParser.parse(Array(before.utf8)), try JSONParser.parse(Array(after.utf8)), matching: matching,
            passingOver: ["skip"])
        #expect(found.map { "\($0.path): \(text($0.before)) | \(text($0.after))" } == expected)
    }
}

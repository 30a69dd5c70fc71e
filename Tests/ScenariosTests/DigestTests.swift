import Configuration
import Foundation
import Scenarios
import Telemetry
import Testing

@Suite("Digests")
struct DigestTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try ScenarioDefinition(ConfigurationFile(name: "f", text: text)).canonicalJSON, as: UTF8.self)
    }

    private static let block = """
        # A comment.
        schema: fieldproof/scenario/v1
        id: demo
        version: 1.0.0
        title: {en: Demo, zh: 演示}
        setting: real
        metrics:
          cycle-time: {series: run.duration, unit: s}
        criteria:
          - id: success-rate
            statistic: proportion
            outcome: success
            at-least: 0.90
          - {id: cycle, statistic: mean, metric: cycle-time, at-most: 12 s}
        """

    @Test("the canonical form is RFC 8785 of the document as it is written")
    func golden() throws {
        #expect(
            try canonical(Self.block) == """
                {"criteria":[{"at-least":0.9,"id":"success-rate","outcome":"success","statistic":"proportion"},\
                {"at-most":"12 s","id":"cycle","metric":"cycle-time","statistic":"mean"}],"id":"demo",\
                "metrics":{"cycle-time":{"series":"run.duration","unit":"s"}},"schema":"fieldproof/scenario/v1",\
                "setting":"real","title":{"en":"Demo","zh":"演示"},"version":"1.0.0"}
                """)
    }

    /// The golden file is what every digest ever published of such a definition was made of.
    @Test("the canonical form of a complete definition does not change")
    func complete() throws {
        let bytes = try ScenarioDefinition(Samples.file("full.good.yaml")).canonicalJSON
        let golden = Samples.fixtures.appending(path: "full.good.canonical.json")
        if Samples.isRecording { try Data(bytes).write(to: golden) }
        #expect(try Data(bytes) == Data(contentsOf: golden))
    }

    @Test("order of keys, comments, style, quotes and anchors do not matter")
    func style() throws {
        let other = """
            {"version": "1.0.0", 'setting': real, "title": {zh: "\\u6f14\\u793a", en: &word Demo}, id: demo,
             schema: "fieldproof/scenario/v1", # another comment
             criteria: [{at-least: 9.0e-1, statistic: proportion, outcome: success, id: success-rate},
               {metric: &metric cycle-time, statistic: mean, "at-most": "12 s", id: cycle}],
             metrics: {cycle-time: {unit: s, series: run.duration}}}
            """
        #expect(try canonical(other) == (try canonical(Self.block)))
        let anchored = Self.block.replacing("id: demo", with: "id: &d demo").replacing("unit: s}", with: "unit: &u s}")
        #expect(try canonical(anchored) == (try canonical(Self.block)))
    }

    @Test(
        "whatever is meant differently gives another digest",
        arguments: [
            ("at-least: 0.90", "at-least: 0.91"), ("12 s", "13 s"), ("12 s", "12000 ms"),
            ("at-least: 0.90", "at-least: 90%"),
            ("outcome: success", "outcome: failure"), ("version: 1.0.0", "version: 1.0.1"),
            ("setting: real", "setting: staged"),
            ("id: cycle,", "id: cycle-mean,"), ("at-most: 12 s", "at-most: 12 s, confidence: 0.95"),
        ])
    func changes(old: String, new: String) throws {
        let changed = Self.block.replacing(old, with: new)
        #expect(changed != Self.block)
        #expect(try canonical(changed) != (try canonical(Self.block)))
    }

    @Test("the digest is the caller's hash of the canonical form, in hexadecimal")
    func hexadecimal() throws {
        let definition = try ScenarioDefinition(ConfigurationFile(name: "f", text: Self.block))
        let digest = definition.digest { bytes in
            #expect(bytes == definition.canonicalJSON)
            return [0x00, 0x0F, 0xF0, 0xFF]
        }
        #expect(digest == "sha256:000ff0ff")
    }

    @Test("scenarios that differ only in names are found")
    func lookalikes() throws {
        let renamed = Self.block.replacing("cycle-time", with: "lap").replacing("id: demo", with: "id: brand-new")
            .replacing("Demo", with: "Never seen before").replacing("id: success-rate", with: "id: wins")
            .replacing("version: 1.0.0", with: "version: 7.0.0")
        let stricter = Self.block.replacing("id: demo", with: "id: stricter").replacing("12 s", with: "11 s")
        let directory = try ScenarioDirectory(
            [Self.block, renamed, stricter].enumerated().map {
                ConfigurationFile(name: "\($0.offset).yaml", text: $0.element)
            })
        #expect(directory.definitions.map(\.id.text) == ["brand-new", "demo", "stricter"])
        #expect(directory.lookalikes.map { $0.map(\.text) } == [["brand-new", "demo"]])
    }

    @Test("the errors of all files come together, and an id is taken by the first file that has it")
    func directory() throws {
        let error = try #require(throws: ScenarioError.self) {
            try ScenarioDirectory([
                Samples.minimal(id: "b", more: "sites: 5"),
                ConfigurationFile(name: "c.yaml", bytes: Samples.minimal(id: "b").bytes),
                ConfigurationFile(name: "a.yaml", text: "a: ["),
                Samples.minimal(id: "d"),
            ])
        }
        let lines = error.description.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("a.yaml:"))
        #expect(lines[1] == "b.yaml:8:8: sites: expected a sequence, found the number 5")
        #expect(lines[2] == "c.yaml:2:5: id: 'b' is already defined in b.yaml:2:5; ids must differ")
    }
}

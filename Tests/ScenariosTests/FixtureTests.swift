import Foundation
import Scenarios
import Telemetry
import Testing

/// Every `NAME.good.yaml` is a definition; every `NAME.bad.yaml` gives exactly the errors of `NAME.bad.txt`.
///
/// `FIELDPROOF_RECORD=1 swift test --filter ScenariosTests` writes the `.txt` and `.json` files anew; the diff shows
/// what changed.
@Suite("Fixtures")
struct FixtureTests {
    @Test("there are fixtures of both kinds, and no expectation without a file")
    func inventory() {
        #expect(Samples.names(".good.yaml").count >= 3)
        #expect(Samples.names(".bad.yaml").count >= 8)
        #expect(Samples.names(".bad.txt").map { $0.dropLast(4) } == Samples.names(".bad.yaml").map { $0.dropLast(5) })
    }

    @Test("a good definition is accepted", arguments: Samples.names(".good.yaml"))
    func good(name: String) throws {
        #expect(Samples.complaints(try Samples.file(name)) == [])
    }

    @Test("a bad definition gives all its errors, in order, word for word", arguments: Samples.names(".bad.yaml"))
    func bad(name: String) throws {
        let messages = Samples.complaints(try Samples.file(name)).joined(separator: "\n") + "\n"
        let expectation = String(name.dropLast(5)) + ".txt"
        if Samples.isRecording {
            try Data(messages.utf8).write(to: Samples.fixtures.appending(path: expectation))
        }
        #expect(messages == (try Samples.text(expectation)))
    }

    @Test("the definitions that are installed are sound", arguments: ["edge-box-acceptance", "grasp-and-place"])
    func installed(id: String) throws {
        let definition = try ScenarioDefinition(Samples.file("\(id).yaml", in: Samples.installed))
        #expect(definition.id.text == id)
        #expect(definition.criteria.contains { $0.statistic.name == "proportion" && !$0.isDescriptive })
    }
}

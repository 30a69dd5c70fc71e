import Configuration
import FuzzSupport
import JSON
import Scenarios

/// A scenario's definition: one that is sound has a canonical form, and that form, being YAML too, defines the same.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzScenario(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 64 << 20, factor: 4096) { bytes in
        guard let definition = read(bytes) else { return }
        let canonical = definition.canonicalJSON
        let value = demanded("a canonical definition is JSON") { () throws(JSONError) in
            try JSONParser.parse(canonical)
        }
        let again = demanded("a canonical definition has a canonical form") { () throws(JSONError) in
            try value.canonical()
        }
        demand(again == canonical, "a canonical definition is its own canonical form")
        // libyaml reads JSON but for keys of more than a kilobyte and characters that YAML 1.1 takes for line breaks.
        guard canonical.allSatisfy({ (0x20..<0x7F).contains($0) }), let same = read(canonical) else { return }
        demand(same.canonicalJSON == canonical, "a definition written as JSON has the same canonical form")
        demand(same.namelessJSON == definition.namelessJSON, "a definition written as JSON has the same content")
    }
}

private func read(_ bytes: [UInt8]) -> ScenarioDefinition? {
    do throws(ConfigurationError) {
        return try ConfigurationFile(name: "fuzzed.yaml", bytes: bytes).decode(ScenarioDefinition.self)
    } catch {
        demand(!error.description.isEmpty, "an error has words")
        return nil
    }
}

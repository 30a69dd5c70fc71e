import Agent
import Collector
import Configuration
import FuzzSupport

/// A configuration file: as a tree, as the agent's settings and as the collector's.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzYAML(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // A hundred thousand values are allowed, aliases counted in full, so that a small file may well become a large tree.
    fuzz(data, count, base: 64 << 20, factor: 2048) { bytes in
        let file = ConfigurationFile(name: "fuzzed.yaml", bytes: bytes)
        let tree = outcome(bytes) { () throws(ConfigurationError) in try file.document() }
        _ = outcome(bytes) { () throws(ConfigurationError) in try file.decode(AgentSettings.self) }
        _ = outcome(bytes) { () throws(ConfigurationError) in try file.decode(CollectorSettings.self) }
        guard let tree else { return }
        _ = tree.root.coreValue
        let marked = ConfigurationFile(name: file.name, bytes: [0xEF, 0xBB, 0xBF] + bytes)
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]), marked.bytes.count <= ConfigurationFile.defaultLimit else {
            return
        }
        let again = outcome(marked.bytes) { () throws(ConfigurationError) in try marked.document() }
        demand(again == tree, "a byte order mark changes nothing")
    }
}

/// The value; nil after an error, which must have places within the file, and words.
private func outcome<Value>(_ bytes: [UInt8], _ body: () throws(ConfigurationError) -> Value) -> Value? {
    do throws(ConfigurationError) {
        return try body()
    } catch {
        demand(!error.diagnostics.isEmpty, "an error says what is wrong")
        for diagnostic in error.diagnostics {
            demand(!diagnostic.message.isEmpty, "a diagnostic has words")
            guard let position = diagnostic.position else { continue }
            demand(
                position.line >= 1 && position.column >= 1 && position.line <= bytes.count + 1
                    && position.column <= bytes.count + 1, "\(position) lies within the file")
        }
        demand(error.description.utf8.count < 4096 + 200 * (1024 + 4 * bytes.count), "an error report is bounded")
        return nil
    }
}

import Frames
package import Scenarios
import SegmentLog
import Storage
package import Telemetry

/// The definitions by which scenarios began.
extension Archive {
    /// Fixes the definition of a scenario, durably after `synchronize`; has no effect once one is fixed.
    ///
    /// The definition itself goes along with its digest, so that what is changed later can be shown.
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func register(_ definition: ScenarioDefinition, digest: String) throws(CollectorError) {
        guard registrations[definition.id] == nil else { return }
        if documents[digest] == nil {
            try append(.definition(definition.canonicalJSON))
            keep(definition.canonicalJSON)
        }
        try register(digest, for: definition.id)
    }

    /// Fixes the digest of a scenario's definition, durably after `synchronize`; has no effect once one is fixed.
    ///
    /// A store may be lost, and a definition that was changed after the first run is to be told all the same.
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func register(_ digest: String, for scenario: Identifier) throws(CollectorError) {
        guard registrations[scenario] == nil else { return }
        try append(.registration(scenario, digest: digest))
        note(digest, for: scenario)
    }

    private mutating func append(_ note: ArchiveNote) throws(CollectorError) {
        do throws(LogError) {
            reached(try log.append(note.bytes.span.bytes, to: Self.eventLane).position, in: Self.eventLane)
        } catch {
            throw CollectorError(error)
        }
        isUnsynchronized = true
    }

    /// The first one holds.
    mutating func note(_ digest: String, for scenario: Identifier) {
        guard registrations[scenario] == nil else { return }
        registrations[scenario] = digest
        pending.registrations[scenario] = digest
    }

    /// A definition is known by the hash of its canonical JSON.
    mutating func keep(_ document: [UInt8]) {
        let digest = "sha256:\(FrameDigest(of: document))"
        documents[digest] = document
        pending.documents[digest] = document
    }
}

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
            reached(try appendLinked(note), in: Self.eventLane)
        } catch {
            throw CollectorError(error)
        }
        isUnsynchronized = true
    }

    /// Puts a note into lane 0 behind the note before it, and names that.
    ///
    /// After a start that had no note to read the lane is read once, to find the last one.
    mutating func appendLinked(_ note: ArchiveNote) throws(LogError) -> Position {
        if notes == nil { notes = try readNotes() }
        let record = ChainedNote.record(note, after: notes?.head ?? ChainedNote.none)
        let position = try log.append(record.span.bytes, to: Self.eventLane).position
        notes?.note(record, at: position.number)
        return position
    }

    private mutating func readNotes() throws(LogError) -> NoteChain {
        var chain = NoteChain()
        var reader = log.reader(of: Self.eventLane, after: Position(0))
        while true {
            switch try log.next(&reader, into: &payload) {
            case .end: return chain
            case .lost: continue
            case .record(let entry):
                if ArchiveNote(payload) != nil { chain.note(payload, at: entry.position.number) }
            }
        }
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

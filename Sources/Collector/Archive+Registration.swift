import SegmentLog
import Storage
package import Telemetry

/// The definitions by which scenarios began.
extension Archive {
    /// Fixes the digest of a scenario's definition, durably after `synchronize`; has no effect once one is fixed.
    ///
    /// A store may be lost, and a definition that was changed after the first run is to be told all the same.
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func register(_ digest: String, for scenario: Identifier) throws(CollectorError) {
        guard registrations[scenario] == nil else { return }
        do throws(LogError) {
            let bytes = ArchiveNote.registration(scenario, digest: digest).bytes
            reached(try log.append(bytes.span.bytes, to: Self.eventLane).position, in: Self.eventLane)
        } catch {
            throw CollectorError(error)
        }
        isUnsynchronized = true
        note(digest, for: scenario)
    }

    /// The first one holds.
    mutating func note(_ digest: String, for scenario: Identifier) {
        guard registrations[scenario] == nil else { return }
        registrations[scenario] = digest
        pending.registrations[scenario] = digest
    }
}

package import Telemetry

/// Tells a box that was installed anew from two boxes under one agent id.
///
/// A new install under a known id is a box with a new spool: the old one is never heard of again. When it is, two boxes have the
/// same id, and nobody knows which of them a run was measured on: nothing more is taken from either, so that both keep what they
/// have, until one has been silent for a while.
package struct InstallGuard: Sendable {
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// The first frame of another install than before; it is accepted.
        case replaced(UUIDBytes)
        /// Another install under the same id is alive; this frame is not to be taken.
        case contested(UUIDBytes)
    }

    private struct Agent: Hashable, Sendable {
        let site: Identifier
        let id: Identifier
    }

    private struct Claims: Sendable {
        var current: UUIDBytes
        /// When each install was last heard of; a few, the others were silent for longest.
        var spoke: [UUIDBytes: Int64]
        var isContested = false
    }

    /// How long an install must be silent to be gone, nanoseconds.
    private let quiet: Int64
    /// Of one agent: who makes up ever more of them gets no memory for it.
    private static let limit = 8
    private var claims: [Agent: Claims] = [:]

    package init(quiet: Int64 = 600_000_000_000) { self.quiet = quiet }

    /// Judges a sound frame that the archive does not have; one that it has proves nothing about who is alive.
    package mutating func judge(
        site: Identifier, agent: Identifier, install: UUIDBytes, at now: Int64
    ) -> Verdict {
        let key = Agent(site: site, id: agent)
        guard var claim = claims[key] else {
            claims[key] = Claims(current: install, spoke: [install: now])
            return .accepted
        }
        defer {
            claim.spoke[install] = now
            if claim.spoke.count > Self.limit, let oldest = claim.spoke.min(by: { $0.value < $1.value }) {
                claim.spoke[oldest.key] = nil
            }
            claims[key] = claim
        }
        if claim.isContested {
            let rival = claim.spoke.filter { $0.key != install && now - $0.value < quiet }.max { $0.value < $1.value }
            if let rival { return .contested(rival.key) }
            claim.isContested = false
            claim.current = install
            return .accepted
        }
        guard install != claim.current else { return .accepted }
        let former = claim.current
        guard let last = claim.spoke[install] else {
            claim.current = install
            return .replaced(former)
        }
        // Silent for so long, it is a box that was put back into its place.
        if now - (claim.spoke[former] ?? last) >= quiet {
            claim.current = install
            return .replaced(former)
        }
        claim.isContested = true
        return .contested(former)
    }
}

import Frames
package import Telemetry

/// Why a payload was not taken into the archive. Its sender keeps it, and is not told that it is safe.
package enum FrameRefusal: Hashable, Sendable, CustomStringConvertible {
    /// It did not get past the gate.
    case gate(FrameGate.Refusal)
    /// It cannot be of the stream that it names.
    case contradiction(FrameContradiction)
    /// Two installs, of which this is the other, speak under one agent id.
    case contested(UUIDBytes)

    /// Whether two boxes pass for one, so that somebody must act.
    package var needsAction: Bool {
        switch self {
        case .gate: false
        case .contradiction, .contested: true
        }
    }

    /// One of few words, for counting.
    package var word: String {
        switch self {
        case .gate(.malformed): "malformed"
        case .gate(.foreignIdentity): "foreign-identity"
        case .gate(.reservedIdentity): "reserved-identity"
        case .gate(.implausible): "implausible"
        case .contradiction(.ordinals): "contradicting-samples"
        case .contradiction(.twoBoots): "two-boots"
        case .contested: "two-installs"
        }
    }

    /// That of a run marker that cannot be read.
    package static let markerWord = "run-marker"
    /// That of a document in which an agent speaks of itself and which cannot be read, or is of another agent.
    package static let documentWord = "document"
    package static let words = [
        "malformed", "foreign-identity", "reserved-identity", "implausible", "contradicting-samples", "two-boots",
        "two-installs",
        markerWord, documentWord,
    ]

    package var description: String {
        switch self {
        case .gate(.malformed(let error)): error.description
        case .gate(.foreignIdentity(let claimed)): "it says it is from \(claimed)"
        case .gate(.reservedIdentity):
            "it says it is of 'collector', a name that only an archive's own frames have; mark these runs again, or import what the "
                + "box recorded of them"
        case .gate(.implausible(let what)): "implausible: \(what)"
        case .contradiction(.ordinals):
            "its samples do not follow those of the frames before it: two boxes have the same spool; give one of them an empty "
                + "'spool: path'"
        case .contradiction(.twoBoots(let known, let other)):
            "one start of the agent was on two machines (boots \(known) and \(other)): the spool was copied from one box to "
                + "another; give one of them an empty 'spool: path'"
        case .contested(let rival):
            "two boxes have this agent id, the other with install \(rival); give one of them another id. Both keep their data, "
                + "and are heard again when one was silent for ten minutes"
        }
    }
}

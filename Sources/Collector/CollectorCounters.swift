/// What the collector counts since its start.
struct CollectorCounters: Hashable, Sendable {
    var frames: UInt64 = 0
    var samples: UInt64 = 0
    var duplicates: UInt64 = 0
    var refused: UInt64 = 0
    var unpublished: UInt64 = 0
}

/// How long an archive keeps frames of classes `metric` and `bulk`. Events are kept for good.
package struct ArchiveRetention: Hashable, Sendable {
    /// Nanoseconds since they were archived; nil for ever.
    package var age: Int64?
    /// Bytes of all files of the archive's log; nil without bound.
    package var size: Int64?

    package init(age: Int64? = nil, size: Int64? = nil) {
        self.age = age
        self.size = size
    }
}

/// What an archive let go of.
package struct ArchiveExpiry: Hashable, Sendable {
    package var segments = 0
    package var frames: UInt64 = 0
    package var samples: UInt64 = 0
    /// Nothing more can go, and the archive is still larger than it should be.
    package var isTooLarge = false

    package init() {}
}

/// What a frame may hold at most. A reader may count on these bounds before it trusts a single byte.
package enum FrameLimits {
    /// Samples and events of one frame.
    package static let samples = 32_768
    /// Bytes of one frame.
    package static let bytes = 2 << 20
    /// UTF-8 bytes of one text: a value, a name, a tag.
    package static let textBytes = 65_536
    /// Tags of one series.
    package static let tags = 64
    /// Attributes of one event.
    package static let attributes = 256
    /// Sequence numbers, ordinals and epochs stay below this, so that sums of two never overflow.
    package static let counter: UInt64 = 1 << 62
}

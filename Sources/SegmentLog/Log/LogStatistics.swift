/// How full a log is.
package struct LogStatistics: Hashable, Sendable {
    /// One lane's share.
    package struct LaneStatistics: Hashable, Sendable {
        /// Records not yet released, durable or not.
        package var pending: Int
        /// Segments in use.
        package var segments: Int
    }

    /// Bytes all files may take; nil if the log grows without bound.
    package var capacityBytes: Int?
    /// Bytes of segments that hold something.
    package var usedBytes: Int
    /// Bytes of segments that are ready for use.
    package var freeBytes: Int
    package var lanes: [LaneStatistics]

    package init(capacityBytes: Int?, usedBytes: Int, freeBytes: Int, lanes: [LaneStatistics]) {
        self.capacityBytes = capacityBytes
        self.usedBytes = usedBytes
        self.freeBytes = freeBytes
        self.lanes = lanes
    }
}

/// One value of one series at one time.
package struct Sample: Hashable, Sendable {
    package var series: SeriesID
    /// When it was measured, by the wall clock of the box.
    package var timestamp: Timestamp
    package var value: Value
    package var quality: Quality

    package init(series: SeriesID, timestamp: Timestamp, value: Value, quality: Quality = []) {
        self.series = series
        self.timestamp = timestamp
        self.value = value
        self.quality = quality
    }
}

/// How precious data are: which goes first, and which is let go first when the disk is full.
package enum PriorityClass: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    /// Run markers, alarms, definitions, declarations of loss. Sent at once, never evicted.
    case event = 0
    /// The default.
    case metric = 1
    /// Raw data at a high rate; evicted first.
    case bulk = 2

    /// The last level of the topic a frame of this class is published to.
    package var name: String {
        switch self {
        case .event: "event"
        case .metric: "metric"
        case .bulk: "bulk"
        }
    }

    package init?(name: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Orders by precedence: `event` first.
    package static func < (a: PriorityClass, b: PriorityClass) -> Bool { a.rawValue < b.rawValue }
}

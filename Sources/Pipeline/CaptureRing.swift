package import Telemetry

/// A ring of raw samples in memory, of which those around an event are saved.
///
/// Samples go in as they come; the oldest are written over. An event opens a window from `before` it to `after` it: what is in the ring and
/// in the window comes out, once, and so does what goes in while the window is open. Nothing else ever leaves the ring.
package struct CaptureRing: Sendable {
    private struct Item {
        var sample: Sample
        var isSaved: Bool
    }

    /// One window, and what came of it.
    private struct Window {
        var event: String
        var from: Timestamp
        var to: Timestamp
        var saved = 0
        /// Samples that were written over before they could be saved.
        var lost = 0
        /// The ring had been full, and held nothing from before this time.
        var heldSince: Timestamp?
    }

    package let rule: CaptureRule
    /// How many samples the ring holds.
    package let capacity: Int
    private var items: [Item] = []
    /// The number of the next sample, from 0; it lies at this number modulo the capacity.
    private var next = 0
    /// Samples before this number have been looked at since the last event.
    private var cursor = 0
    private var windows: [Window] = []

    /// Windows that are open at once; beyond it the last one grows.
    private static let mostWindows = 16
    /// Samples that come late for a window that has ended are waited for so long, nanoseconds.
    private static let grace: Int64 = 2_000_000_000

    package init(_ rule: CaptureRule) {
        self.rule = rule
        capacity = max(1024, Int(clamping: rule.memory) / MemoryLayout<Item>.stride)
    }

    /// Whether a window is open: samples may be due.
    package var isOpen: Bool { !windows.isEmpty }

    package mutating func append(_ sample: Sample) {
        let item = Item(sample: sample, isSaved: false)
        guard items.count == capacity else {
            if items.isEmpty { items.reserveCapacity(capacity) }
            items.append(item)
            next += 1
            return
        }
        let place = next % capacity
        if !items[place].isSaved, let window = window(of: items[place].sample.timestamp) { windows[window].lost += 1 }
        items[place] = item
        next += 1
        cursor = max(cursor, next - capacity)
    }

    /// Something happened; whether it opened a window, or made one longer.
    package mutating func trigger(_ event: Event) -> Bool {
        guard rule.event.matches(event.name) else { return false }
        var window = Window(
            event: event.name, from: event.timestamp.advanced(byNanoseconds: -rule.before),
            to: event.timestamp.advanced(byNanoseconds: rule.after))
        if items.count == capacity {
            let oldest = items[next % capacity].sample.timestamp
            if oldest > window.from { window.heldSince = oldest }
        }
        if let last = windows.indices.last(where: { windows[$0].to >= window.from && windows[$0].from <= window.to })
            ?? (windows.count == Self.mostWindows ? windows.indices.last : nil)
        {
            windows[last].from = min(windows[last].from, window.from)
            windows[last].to = max(windows[last].to, window.to)
        } else {
            windows.append(window)
        }
        cursor = max(0, next - items.count)
        return true
    }

    /// Gives what is due, as much as `take` has room for.
    ///
    /// - Parameters:
    ///   - now: closes windows that have ended.
    ///   - all: closes the others too; nothing more comes.
    ///   - take: takes a sample over; false when it has no room, and it comes again.
    /// - Returns: one event for each window that has closed.
    package mutating func drain(at now: Timestamp, all: Bool = false, take: (Sample) -> Bool) -> [Event] {
        guard isOpen else { return [] }
        while cursor < next {
            let place = cursor % capacity
            if !items[place].isSaved, let window = window(of: items[place].sample.timestamp) {
                guard take(items[place].sample) else { return [] }
                items[place].isSaved = true
                windows[window].saved += 1
            }
            cursor += 1
        }
        var events: [Event] = []
        windows.removeAll { window in
            guard all || now > window.to.advanced(byNanoseconds: Self.grace) else { return false }
            events.append(Self.record(window, at: all ? min(now, window.to) : window.to))
            return true
        }
        return events
    }

    /// Makes sure that samples of a kind never leave the ring.
    ///
    /// - Returns: those that had not left it yet.
    package mutating func forget(_ isMeant: (Sample) -> Bool) -> [Sample] {
        var forgotten: [Sample] = []
        for place in items.indices where !items[place].isSaved && isMeant(items[place].sample) {
            items[place].isSaved = true
            forgotten.append(items[place].sample)
        }
        return forgotten
    }

    private static func record(_ window: Window, at time: Timestamp) -> Event {
        var attributes: [Event.Attribute] = [
            .init("on", .text(window.event)), .init("from", .text(window.from.description)),
            .init("to", .text(window.to.description)), .init("samples", .integer(Int64(window.saved))),
        ]
        if window.lost > 0 { attributes.append(.init("lost", .integer(Int64(window.lost)))) }
        if let since = window.heldSince { attributes.append(.init("held-since", .text(since.description))) }
        return Event(Event.captureName, at: time, attributes: attributes)
    }

    private func window(of time: Timestamp) -> Int? {
        windows.firstIndex { $0.from <= time && time <= $0.to }
    }
}

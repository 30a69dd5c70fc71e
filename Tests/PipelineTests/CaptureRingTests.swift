import Pipeline
import Telemetry
import Testing

@Suite("Capture around an event")
struct CaptureRingTests {
    private static func rule(before: Int64 = 2, after: Int64 = 3, memory: Int64 = 0) throws -> CaptureRule {
        CaptureRule(
            on: try #require(SeriesPattern("estop.*")), before: before * 1_000_000_000, after: after * 1_000_000_000,
            memory: memory)
    }

    private func event(at seconds: Double) -> Event {
        Event("estop.pressed", at: Timestamp(nanoseconds: Int64(seconds * 1e9)))
    }

    /// Drains all, and gives the seconds of what came and the events.
    private func drained(_ ring: inout CaptureRing, at seconds: Double, room: Int = .max) -> (
        seconds: [Double], events: [Event]
    ) {
        var seen: [Double] = []
        let events = ring.drain(at: Timestamp(nanoseconds: Int64(seconds * 1e9))) { sample in
            guard seen.count < room else { return false }
            seen.append(sample.timestamp.seconds)
            return true
        }
        return (seen, events)
    }

    @Test("what was before an event and what comes after it is saved, once, and nothing else")
    func window() throws {
        var ring = CaptureRing(try Self.rule())
        for second in 0..<10 { ring.append(.at(Double(second), .integer(1))) }
        #expect(drained(&ring, at: 10).seconds == [])
        let isOpened = ring.trigger(Event("door.opened", at: Timestamp(seconds: 8)))
        #expect(!isOpened)
        _ = ring.trigger(event(at: 8))
        #expect(drained(&ring, at: 10).seconds == [6, 7, 8, 9])
        for second in 10..<15 { ring.append(.at(Double(second), .integer(1))) }
        let end = drained(&ring, at: 20)
        #expect(end.seconds == [10, 11])
        #expect(
            end.events == [
                Event(
                    Event.captureName, at: Timestamp(seconds: 11),
                    attributes: [
                        .init("on", .text("estop.pressed")), .init("from", .text("1970-01-01T00:00:06Z")),
                        .init("to", .text("1970-01-01T00:00:11Z")), .init("samples", .integer(6)),
                    ])
            ])
        #expect(!ring.isOpen)
    }

    @Test("events that overlap are one window, and no sample comes twice; a later one finds what was passed over")
    func overlap() throws {
        var ring = CaptureRing(try Self.rule())
        for second in 0..<20 { ring.append(.at(Double(second), .integer(1))) }
        _ = ring.trigger(event(at: 5))
        #expect(drained(&ring, at: 6).seconds == [3, 4, 5, 6, 7, 8])
        _ = ring.trigger(event(at: 7))
        #expect(drained(&ring, at: 30).seconds == [9, 10])
        _ = ring.trigger(event(at: 13))
        let last = drained(&ring, at: 30)
        #expect(last.seconds == [11, 12, 13, 14, 15, 16])
        #expect(last.events.count == 1)
    }

    @Test("what finds no room comes again")
    func slowDisk() throws {
        var ring = CaptureRing(try Self.rule())
        for second in 0..<6 { ring.append(.at(Double(second), .integer(1))) }
        _ = ring.trigger(event(at: 3))
        #expect(drained(&ring, at: 100, room: 2).seconds == [1, 2])
        let rest = drained(&ring, at: 100)
        #expect(rest.seconds == [3, 4, 5])
        #expect(rest.events.count == 1)
    }

    @Test("a ring that was too small says so: what it no longer had, and what was written over before it was saved")
    func small() throws {
        var ring = CaptureRing(try Self.rule(before: 2_000, after: 2_000))
        #expect(ring.capacity == 1024)
        for second in 0..<1500 { ring.append(.at(Double(second), .integer(1))) }
        _ = ring.trigger(event(at: 1500))
        for second in 1500..<1510 { ring.append(.at(Double(second), .integer(1))) }
        let result = drained(&ring, at: 1e5)
        #expect(result.seconds.count == 1024)
        #expect(result.events.first?["lost"] == .integer(10))
        #expect(result.events.first?.text("held-since") == "1970-01-01T00:07:56Z")
    }
}

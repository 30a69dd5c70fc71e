import Delivery
import Telemetry
import Testing

@Suite("The end of a stream as an event")
struct StreamEndTests {
    private static let end = StreamEnd(priority: .bulk, epoch: 7, frames: 12, samples: 3456)

    @Test("comes back as it was said")
    func roundTrip() {
        let event = Self.end.event(at: Timestamp(seconds: 5))
        #expect(event.name == "stream.end")
        #expect(StreamEnd(event) == Self.end)
    }

    @Test(
        "an event of another name, or that lacks or bends something, is none",
        arguments: ["class", "epoch", "frames", "samples"])
    func wrong(key: String) {
        let event = Self.end.event(at: Timestamp(seconds: 5))
        #expect(StreamEnd(Event("agent.stop", at: event.timestamp, attributes: event.attributes)) == nil)
        let without = event.attributes.filter { $0.key != key }
        #expect(StreamEnd(Event(event.name, at: event.timestamp, attributes: without)) == nil)
        let bent = without + [.init(key, key == "class" ? .text("precious") : .integer(-1))]
        #expect(StreamEnd(Event(event.name, at: event.timestamp, attributes: bent)) == nil)
    }
}

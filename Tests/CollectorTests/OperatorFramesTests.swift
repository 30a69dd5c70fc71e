import Frames
import Installation
import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("Run markers of operators as frames")
struct OperatorFramesTests {
    private static let identity = InstallationIdentity(install: UUIDBytes(high: 3, low: 4), epoch: 9)
    private var frames = OperatorFrames(Self.identity)

    private static func marker(_ second: Int64) -> Event {
        RunEvent(.start, scenario: .named("demo"), run: .named("r\(second)"), at: Timestamp(seconds: second)).event
    }

    @Test(
        "each site has a stream of the collector's own, numbered from 1 without gaps, each frame naming the one before")
    mutating func numbering() throws {
        var previous: [String: ChainLink] = [:]
        var counts: [String: UInt64] = [:]
        for (index, site) in ["here", "there", "here", "here", "there"].enumerated() {
            let event = Self.marker(Int64(index))
            let bytes = try frames.frame(of: event, at: .named(site), clock: Sender.clock)
            let frame = try Frame(decoding: bytes)
            counts[site, default: 0] += 1
            #expect(
                frame.header.stream
                    == Frames.Stream(
                        site: .named(site), agent: .named("collector"), install: UUIDBytes(high: 3, low: 4), epoch: 9,
                        priority: .event))
            #expect(frame.header.stream == frames.stream(of: .named(site)))
            #expect(frame.header.sequence == counts[site])
            #expect(frame.header.firstOrdinal == counts[site])
            #expect(frame.header.previous == previous[site] ?? .none)
            #expect(frame.header.clock == Sender.clock)
            #expect(frame.extras.events == [event])
            previous[site] = FrameDigest(of: bytes).link
        }
    }

    @Test("they pass the gate that agents' frames pass")
    mutating func gate() throws {
        var gate = FrameGate()
        let bytes = try frames.frame(of: Self.marker(1), at: .named("here"), clock: Sender.clock)
        #expect(gate.refusal(of: bytes, site: .named("here"), agent: .named("collector"), priority: .event) == nil)
    }

    @Test("a marker that no frame can hold is refused and spends no number")
    mutating func refused() throws {
        let vast = Event(
            "run.start", at: Timestamp(seconds: 1),
            attributes: [.init("a", .text(String(repeating: "x", count: 70_000)))])
        #expect(throws: FrameError.self) { try frames.frame(of: vast, at: .named("here"), clock: Sender.clock) }
        let bytes = try frames.frame(of: Self.marker(1), at: .named("here"), clock: Sender.clock)
        #expect(try FrameHeader.peek(bytes).sequence == 1)
    }
}

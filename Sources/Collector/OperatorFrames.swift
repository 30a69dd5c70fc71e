import Connection
import Frames
import Installation
import Telemetry

/// Frames of the collector's own: run markers that an operator published, one stream a site.
struct OperatorFrames {
    private let identity: InstallationIdentity
    private var heads: [Identifier: StreamHead] = [:]
    private var encoder = FrameEncoder()

    init(_ identity: InstallationIdentity) { self.identity = identity }

    func stream(of site: Identifier) -> Stream {
        Stream(site: site, agent: .collector, install: identity.install, epoch: identity.epoch, priority: .event)
    }

    /// The next frame of the site's stream, holding one event.
    mutating func frame(of event: Event, at site: Identifier, clock: ClockReading) throws(FrameError) -> [UInt8] {
        var head = heads[site] ?? StreamHead(stream(of: site))
        var bytes: [UInt8] = []
        let header = try encoder.encode(
            SampleBatch(), FrameExtras(events: [event]), at: head, clock: clock, into: &bytes)
        head.advance(past: header, digest: FrameDigest(of: bytes))
        heads[site] = head
        return bytes
    }
}

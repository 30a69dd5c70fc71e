package import Telemetry

extension FrameHeader {
    /// The boot in which the frame was encoded.
    package var boot: BootKey {
        BootKey(
            site: stream.site, agent: stream.agent, install: stream.install, boot: clock.boot, epoch: stream.epoch)
    }
}

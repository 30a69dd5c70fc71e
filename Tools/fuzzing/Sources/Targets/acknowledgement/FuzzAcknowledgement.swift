import Delivery
import FuzzSupport
import Telemetry

/// An acknowledgement as an agent reads it from `down/ack`: what it reads it also writes, and a send window takes it.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzAcknowledgement(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        guard let acknowledgement = try? Acknowledgement(json: bytes) else { return }
        let again = demanded("an acknowledgement can be read back") { () throws(DeliveryError) in
            try Acknowledgement(json: acknowledgement.json)
        }
        demand(again == acknowledgement, "an acknowledgement is the same after writing and reading")
        demand(!acknowledgement.covers(0), "no frame has the number 0")
        let held = IntervalSet(acknowledgement.also)
        for range in acknowledgement.also {
            demand(
                acknowledgement.covers(range.lowerBound) && acknowledgement.covers(range.upperBound)
                    && held.contains(range.lowerBound) && held.contains(range.upperBound),
                "a range is covered with its ends")
        }
        take(acknowledgement)
    }
}

/// A window of the acknowledged stream with frames around the numbers it speaks of.
private func take(_ acknowledgement: Acknowledgement) {
    let stream = acknowledgement.stream
    var window = SendWindow(install: stream.install, priority: stream.priority, released: 0, limit: 8)
    window.connected(durable: 0)
    var sequences = [1, acknowledgement.through, acknowledgement.through &+ 1]
    if let range = acknowledgement.also.first { sequences += [range.lowerBound, range.upperBound] }
    for (index, sequence) in sequences.enumerated() {
        let frame = SendWindow.SentFrame(position: UInt64(index + 1), epoch: stream.epoch, sequence: sequence)
        window.sent(frame, on: .backlog, token: UInt64(index), at: 0, jitter: 0)
    }
    window.acknowledged(acknowledgement)
    let safe = sequences.prefix { acknowledgement.covers($0) }.count
    demand(
        window.takeReleasable() == (safe == 0 ? nil : UInt64(safe)),
        "what is covered is released, from the front, and nothing else")
}

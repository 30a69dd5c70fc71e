import Checksums
import Frames
import FuzzSupport
import Telemetry

/// A frame from anybody who may publish. Its checksum is put right first, since a hostile sender does that too; what
/// decodes is encoded again, and must then hold the same.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzFrame(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let sent = Array(UnsafeBufferPointer(start: data, count: count))
    var decoder = FrameDecoder()
    _ = try? decoder.decode(sent)
    let frame = withChecksum(sent)
    var fault: FrameError?
    // A frame of a few bytes may announce as many samples as a frame may have, all of one value.
    bounded(count, base: 8 << 20, factor: 128) {
        do throws(FrameError) {
            try decoder.decode(frame)
        } catch {
            fault = error
        }
    }
    if let fault {
        demand(decoder.header == nil && decoder.columns.isEmpty, "after a failure the decoder holds no frame")
        demand(fault.place.map { (0...count).contains($0.offset) } ?? true, "\(fault) lies within the frame")
        return 0
    }
    check(decoder, frame)
    return 0
}

private func check(_ decoder: FrameDecoder, _ frame: [UInt8]) {
    let whole = demanded("what decodes is a frame") { () throws(FrameError) in try Frame(decoding: frame) }
    let peeked = demanded("what decodes has a header") { () throws(FrameError) in try FrameHeader.peek(frame) }
    demand(whole.header == peeked && decoder.header == peeked, "a header is the same however it is read")
    demand(
        whole.samples.count + whole.extras.events.count == peeked.sampleCount, "a header counts samples and events")
    var rest = whole.samples[...]
    for column in decoder.columns {
        demand(
            column.quality.isEmpty || column.quality.count == column.count, "a column has a quality for all or none")
        for offset in 0..<column.count {
            demand(isIdentical(rest.popFirst(), column.sample(at: offset)), "columns give the samples of the frame")
        }
    }
    let once = encoded(whole)
    let again = demanded("what was encoded decodes") { () throws(FrameError) in try Frame(decoding: once) }
    demand(
        again.samples.elementsEqual(whole.samples, by: { isIdentical($0, $1) }),
        "samples are the same after encoding and decoding")
    demand(again.header.clock == peeked.clock && again.header.stream == peeked.stream, "so is what the header says")
    demand(encoded(again) == once, "what is encoded twice is the same to the byte")
}

/// What `frame` holds as the first frame of its stream.
private func encoded(_ frame: Frame) -> [UInt8] {
    var encoder = FrameEncoder()
    var bytes: [UInt8] = []
    _ = demanded("what was decoded can be encoded") { () throws(FrameError) in
        var batch = SampleBatch()
        for sample in frame.samples { try batch.append(sample) }
        return try encoder.encode(
            batch, frame.extras, at: StreamHead(frame.header.stream), clock: frame.header.clock, into: &bytes)
    }
    return bytes
}

/// The frame with the checksum that its other bytes have.
private func withChecksum(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count >= 5 else { return frame }
    var frame = frame
    frame[frame.count - 5] = 0x44
    let checksum = frame.withUnsafeBytes { CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: $0.dropLast(4))) }
    for index in 0..<4 {
        frame[frame.count - 4 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
    }
    return frame
}

/// Equality to the bit: NaN is identical to itself, and texts are compared by their bytes.
private func isIdentical(_ left: Sample?, _ right: Sample?) -> Bool {
    guard let left, let right, left.series == right.series, left.timestamp == right.timestamp,
        left.quality == right.quality
    else { return left == nil && right == nil }
    if case .text(let a) = left.value, case .text(let b) = right.value { return a.utf8.elementsEqual(b.utf8) }
    return left.value.isIdentical(to: right.value)
}

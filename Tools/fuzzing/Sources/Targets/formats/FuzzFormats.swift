import FuzzSupport
import Inputs
import Logging
import Telemetry

/// Records of text: a byte for the format and whether all is one record, three for the lengths of chunks, then what is sent.
/// It gives the same samples in one piece as in chunks, whatever it is no sample is infinite, and what is dropped is told.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzFormats(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 4 << 20, factor: 2048) { bytes in
        guard bytes.count > 4 else { return }
        let format = Int(bytes[0] & 0x7F) % FuzzedRecords.formats
        let isWhole = bytes[0] & 0x80 != 0
        let sent = bytes[4...]
        let whole = taken(format, isWhole, [sent])
        let parts = taken(format, isWhole, chunks(of: sent, lengths: bytes[1..<4]))
        demand(whole.sameRecords(as: parts), "the same samples and events come of one piece and of chunks")
        demand(whole.rejected == parts.rejected, "as much is rejected in one piece as in chunks")
        for case .sample(let sample) in whole.items {
            if case .double(let number) = sample.value { demand(number.isFinite, "numbers are finite") }
        }
    }
}

private let arrival = Timestamp(nanoseconds: 1_700_000_000_123_456_789)

private func taken(_ format: Int, _ isWhole: Bool, _ chunks: [ArraySlice<UInt8>]) -> Recording {
    let sink = RecordingSink()
    let logger = Logger(label: "fuzz") { _ in SilentHandler() }
    var records = FuzzedRecords(
        format, isWhole: isWhole, into: sink,
        environment: InputEnvironment(name: "fuzz", device: "box", now: { arrival }, logger: logger))
    for chunk in chunks { records.take(chunk, arrival: arrival) }
    records.finish(arrival: arrival)
    return sink.recording
}

/// The bytes in pieces of `lengths`, again and again; a length of 0 stands for all that is left.
private func chunks(of bytes: ArraySlice<UInt8>, lengths: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var chunks: [ArraySlice<UInt8>] = []
    var rest = bytes
    while !rest.isEmpty {
        let length = lengths[lengths.startIndex + chunks.count % lengths.count]
        let chunk = length == 0 ? rest : rest.prefix(Int(length))
        chunks.append(chunk)
        rest = rest.dropFirst(chunk.count)
    }
    return chunks
}

/// Has every message made, and shows none.
private struct SilentHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { demand(!event.message.description.isEmpty, "a message has words") }
}

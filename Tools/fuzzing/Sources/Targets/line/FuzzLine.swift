import FuzzSupport
import Inputs
import Logging
import Telemetry

/// Line protocol: a byte for the unit of timestamps, four for the lengths of chunks, then what is sent. It gives the
/// same samples and events in one piece as in chunks, and is taken as a datagram too.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzLine(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 4 << 20, factor: 2048) { bytes in
        guard bytes.count > 5 else { return }
        let precision = LinePrecision.allCases[Int(bytes[0]) % LinePrecision.allCases.count]
        let sent = bytes[5...]
        let whole = taken(precision) { $0.stream([sent], arrival: arrival) }
        let parts = taken(precision) { $0.stream(chunks(of: sent, lengths: bytes[1..<5]), arrival: arrival) }
        demand(whole.sameRecords(as: parts), "the same samples and events come of one piece and of chunks")
        demand(whole.rejected == parts.rejected, "as much is rejected in one piece as in chunks")
        _ = taken(precision) { $0.datagram(Array(sent), arrival: arrival) }
    }
}

private let arrival = Timestamp(nanoseconds: 1_700_000_000_123_456_789)

private func taken(_ precision: LinePrecision, _ body: (inout FuzzedLines) -> Void) -> Recording {
    let sink = RecordingSink()
    let logger = Logger(label: "fuzz") { _ in SilentHandler() }
    var lines = FuzzedLines(
        precision, into: sink,
        environment: InputEnvironment(name: "line", device: "box", now: { arrival }, logger: logger))
    body(&lines)
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

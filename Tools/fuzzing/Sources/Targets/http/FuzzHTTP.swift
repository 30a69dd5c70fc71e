import FuzzSupport
import Health

/// A request from anybody who reaches the health endpoint: the same bytes mean the same however they are cut up, no more of them is kept than
/// there is room for, and what is asked for is a path.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzHTTP(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 64) { bytes in
        let whole = outcome(of: bytes, pieces: max(1, bytes.count))
        demand(outcome(of: bytes, pieces: 1) == whole, "a request that comes byte by byte is the same")
        demand(outcome(of: bytes, pieces: 5) == whole, "a request that comes in pieces is the same")
        guard case .request(let request) = whole else { return }
        demand(request.path == "*" || request.path.utf8.first == UInt8(ascii: "/"), "a path begins with a slash")
        demand(request.path.utf8.count <= HTTPRequestReader.targetLimit, "a path has a bounded length")
        demand(request.path.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a path has no white space and no controls")
    }
}

private func outcome(of bytes: [UInt8], pieces size: Int) -> HTTPRequestReader.Outcome {
    var reader = HTTPRequestReader()
    var rest = bytes[...]
    while !rest.isEmpty {
        let piece = rest.prefix(size)
        rest = rest.dropFirst(size)
        let outcome = piece.withUnsafeBytes { reader.take($0) }
        demand(reader.count <= HTTPRequestReader.headLimit, "no more is kept than there is room for")
        if outcome != .unfinished { return outcome }
    }
    return .unfinished
}

/// An HTTP/1.1 response on its way in (RFC 9112): bytes go in as they come, the body grows, and it says when all is there.
///
/// Whatever a server sends, it holds at most the head's limit and the body's.
struct HTTPResponse {
    enum Progress: Hashable {
        case needsMore
        case complete
    }

    private enum Phase {
        case head
        /// So many bytes of the body are missing; nil for all until the end.
        case body(Int?)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case done
    }

    private static let longestHead = 32_768

    private(set) var status = 0
    private(set) var contentType = ""
    private(set) var body: [UInt8] = []
    private let limit: Int
    private var phase = Phase.head
    /// Of the head, and of the lines between chunks.
    private var line: [UInt8] = []
    private var headBytes = 0
    private var contentLength: Int?
    private var isChunked = false

    /// - Parameter limit: bytes of the body.
    init(limit: Int) { self.limit = limit }

    /// Makes ready for another response; keeps the body's room.
    mutating func reset() {
        body.removeAll(keepingCapacity: true)
        line.removeAll(keepingCapacity: true)
        (status, contentType, phase, headBytes, contentLength, isChunked) = (0, "", .head, 0, nil, false)
    }

    /// Takes what came.
    ///
    /// - Throws: `ScrapeProblem` when it is no HTTP, or too large.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(ScrapeProblem) -> Progress {
        var rest = bytes
        while !rest.isEmpty {
            switch phase {
            case .head:
                guard try readLine(&rest) else { break }
                try takeHeadLine()
            case .body(let missing):
                let count = min(rest.count, missing ?? rest.count)
                try append(&rest, count)
                if let missing { phase = missing == count ? .done : .body(missing - count) }
            case .chunkSize:
                guard try readLine(&rest) else { break }
                let text = String(decoding: line.prefix { $0 != UInt8(ascii: ";") && $0 > 0x20 }, as: UTF8.self)
                line.removeAll(keepingCapacity: true)
                guard let size = Int(text, radix: 16), size >= 0, text.utf8.count <= 8 else {
                    throw ScrapeProblem("the size of a chunk is no number; is this an HTTP server?")
                }
                phase = size == 0 ? .trailers : .chunk(size)
            case .chunk(let missing):
                let count = min(rest.count, missing)
                try append(&rest, count)
                phase = missing == count ? .chunkEnd : .chunk(missing - count)
            case .chunkEnd:
                guard try readLine(&rest) else { break }
                guard line.isEmpty else { throw ScrapeProblem("a chunk is longer than it says") }
                phase = .chunkSize
            case .trailers:
                guard try readLine(&rest) else { break }
                if line.isEmpty { phase = .done }
                line.removeAll(keepingCapacity: true)
            case .done: return .complete
            }
        }
        if case .done = phase { return .complete }
        return .needsMore
    }

    /// The server has closed.
    ///
    /// - Throws: `ScrapeProblem` when something is missing.
    func end() throws(ScrapeProblem) {
        switch phase {
        case .done, .body(nil): return
        case .head: throw ScrapeProblem("the connection was closed before an answer came")
        default: throw ScrapeProblem("the connection was closed inside the answer")
        }
    }

    private mutating func append(_ rest: inout UnsafeRawBufferPointer, _ count: Int) throws(ScrapeProblem) {
        guard body.count + count <= limit else {
            throw ScrapeProblem("the answer is larger than \(limit) bytes; raise 'size', or ask for less in the url")
        }
        body.append(contentsOf: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }

    /// Reads up to a newline.
    ///
    /// - Returns: whether the line is whole; it is then without its end.
    private mutating func readLine(_ rest: inout UnsafeRawBufferPointer) throws(ScrapeProblem) -> Bool {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        let count = end.map { $0 + 1 } ?? rest.count
        headBytes += count
        guard headBytes <= Self.longestHead || !isHead, line.count + count <= Self.longestHead else {
            throw ScrapeProblem("the head of the answer is longer than \(Self.longestHead) bytes")
        }
        line.append(contentsOf: rest.prefix(end ?? count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        guard end != nil else { return false }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return true
    }

    private var isHead: Bool { if case .head = phase { true } else { false } }

    private mutating func takeHeadLine() throws(ScrapeProblem) {
        defer { line.removeAll(keepingCapacity: true) }
        if status == 0 {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8),
                let number = Int(String(decoding: words[1], as: UTF8.self)), (100...599).contains(number)
            else { throw ScrapeProblem("this is no HTTP/1 server") }
            status = number
            return
        }
        guard line.isEmpty else {
            try takeField()
            return
        }
        if (100..<200).contains(status) {
            // An interim answer; the real one follows.
            status = 0
        } else if status == 204 || status == 304 {
            phase = .done
        } else if isChunked {
            phase = .chunkSize
        } else {
            phase = contentLength == 0 ? .done : .body(contentLength)
        }
    }

    private mutating func takeField() throws(ScrapeProblem) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw ScrapeProblem("a header has no ':'") }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: line[(colon + 1)...].drop { $0 <= 0x20 }, as: UTF8.self)
        switch name {
        case "content-length":
            guard let count = Int(value), count >= 0, contentLength == nil || contentLength == count else {
                throw ScrapeProblem("the length of the answer is no number")
            }
            guard count <= limit else {
                throw ScrapeProblem("the answer has \(count) bytes; raise 'size', or ask for less in the url")
            }
            contentLength = count
        case "transfer-encoding":
            guard value.lowercased() == "chunked" else {
                throw ScrapeProblem("the transfer encoding '\(value.prefix(40))' is not understood")
            }
            isChunked = true
        case "content-encoding":
            guard value.lowercased() == "identity" || value.isEmpty else {
                throw ScrapeProblem("the answer is compressed, though that was not asked for")
            }
        case "content-type": contentType = value
        default: break
        }
    }
}

/// Why a scrape gave nothing.
struct ScrapeProblem: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}

import Health
import Testing

/// What a reader says to these bytes, given in pieces of a size.
private func outcome(_ text: String, pieces size: Int = .max) -> HTTPRequestReader.Outcome {
    outcome(Array(text.utf8), pieces: size)
}

private func outcome(_ bytes: [UInt8], pieces size: Int) -> HTTPRequestReader.Outcome {
    var reader = HTTPRequestReader()
    var rest = bytes[...]
    while !rest.isEmpty {
        let piece = Array(rest.prefix(size))
        rest = rest.dropFirst(piece.count)
        let outcome = piece.withUnsafeBytes { reader.take($0) }
        if outcome != .unfinished { return outcome }
    }
    return .unfinished
}

@Suite("The head of a request")
struct HTTPRequestReaderTests {
    @Test(
        "is understood in every form that a client may choose",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: box\r\n\r\n", .init(.get, "/metrics")),
            ("HEAD /healthz HTTP/1.1\r\nhOsT:box\r\nAccept: */*\r\n\r\n", .init(.head, "/healthz")),
            ("GET /metrics?name[]=up HTTP/1.1\r\nHost: box\r\n\r\n", .init(.get, "/metrics")),
            ("GET /metrics HTTP/1.0\r\n\r\n", .init(.get, "/metrics")),
            ("GET /metrics HTTP/1.0\n\n", .init(.get, "/metrics")),
            ("\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n", .init(.get, "/")),
            ("\nGET / HTTP/1.1\nHost:\n\n", .init(.get, "/")),
            ("GET http://box:9273/metrics HTTP/1.1\r\nHost: box\r\n\r\n", .init(.get, "/metrics")),
            ("GET HTTP://box HTTP/1.1\r\nHost: box\r\n\r\n", .init(.get, "/")),
            ("GET http://box?x HTTP/1.1\r\nHost: box\r\n\r\n", .init(.get, "/")),
            ("OPTIONS * HTTP/1.1\r\nHost: box\r\n\r\n", .init(.other, "*")),
            ("POST /metrics HTTP/1.1\r\nHost: box\r\nContent-Length: 3\r\n\r\nabc", .init(.other, "/metrics")),
            ("get / HTTP/1.1\r\nHost: box\r\n\r\n", .init(.other, "/")),
            ("GET / HTTP/1.1\r\nHost: box\r\nX-Name:\t \u{E9}\r\n\r\n", .init(.get, "/")),
        ] as [(String, HTTPRequest)])
    func understands(text: String, request: HTTPRequest) {
        for size in [Int.max, 1, 7] { #expect(outcome(text, pieces: size) == .request(request)) }
    }

    @Test(
        "is refused when it is not sound, whatever the pieces in which it comes",
        arguments: [
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", .badRequest),  // a TLS handshake
            ("GET  / HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET /\r\n\r\n", .badRequest),
            ("GET / http/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1 \r\nHost: box\r\n\r\n", .badRequest),
            ("GET metrics HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET ftp://box/ HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET http:///metrics HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET /\u{E9} HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost : box\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: box\r\n folded\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: box\r\nnothing\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: bo\rx\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: bo\u{0}x\r\n\r\n", .badRequest),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("\rGET / HTTP/1.1\r\nHost: box\r\n\r\n", .badRequest),
            ("PRI * HTTP/2.0\r\n\r\n", .versionNotSupported),
            ("GET /" + String(repeating: "a", count: 1024) + " HTTP/1.1\r\nHost: box\r\n\r\n", .targetTooLong),
            ("GET /" + String(repeating: "a", count: 9000), .targetTooLong),
            (
                "GET / HTTP/1.1\r\nHost: box\r\nX: " + String(repeating: "a", count: 8192) + "\r\n\r\n",
                .fieldsTooLarge
            ),
            (
                "GET / HTTP/1.1\r\nHost: box\r\n" + String(repeating: "X: a\r\n", count: 64) + "\r\n",
                .fieldsTooLarge
            ),
        ] as [(String, HTTPStatus)])
    func refuses(text: String, status: HTTPStatus) {
        for size in [Int.max, 1, 100] { #expect(outcome(text, pieces: size) == .refused(status)) }
    }

    @Test("is awaited while it may still come, and takes no more room than there is")
    func waits() {
        let whole = "GET /metrics HTTP/1.1\r\nHost: box\r\n\r\n"
        for length in 1..<whole.utf8.count {
            #expect(outcome(String(whole.prefix(length).dropLast(0))) == .unfinished || whole.prefix(length) == whole)
        }
        var reader = HTTPRequestReader()
        let flood = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        #expect(flood.withUnsafeBytes { reader.take($0) } == .refused(.targetTooLong))
        #expect(reader.count == HTTPRequestReader.headLimit)
    }
}

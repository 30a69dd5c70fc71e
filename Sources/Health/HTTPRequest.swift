/// What is asked for, as far as this server cares.
package struct HTTPRequest: Hashable, Sendable {
    package enum Method: Hashable, Sendable {
        case get
        case head
        /// A token that is neither.
        case other
    }

    package let method: Method
    /// Without the query; `/` at least, or `*`.
    package let path: String

    package init(_ method: Method, _ path: String) {
        self.method = method
        self.path = path
    }
}

/// Reads the head of one HTTP/1.1 request (RFC 9112, sections 2 to 5) as it comes in, within a room that is fixed.
///
/// A body is never read: no request that is served has one. Nothing is kept of fields; that they are sound is checked all the same, so that
/// two readers never take one request for two different ones.
package struct HTTPRequestReader: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// There is more to come.
        case unfinished
        case request(HTTPRequest)
        case refused(HTTPStatus)
    }

    /// Bytes of a head, line ends included.
    package static let headLimit = 8192
    /// Bytes of what is asked for.
    package static let targetLimit = 1024
    package static let fieldLimit = 64

    private var head: [UInt8] = []
    /// Where the line begins that is not at its end, and how far the end of it was looked for.
    private var line = 0
    private var searched = 0

    package init() {}

    /// How many bytes it holds.
    package var count: Int { head.count }

    /// Whether something has come.
    package var hasBegun: Bool { !head.isEmpty }

    /// Takes what has come. After a request, or a refusal, give it nothing more.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        head.append(contentsOf: bytes.prefix(Self.headLimit - head.count))
        // Whoever speaks another protocol is told so at once, and not after a time-out.
        guard let start = Self.start(of: head) else {
            return head == [Self.carriageReturn] ? .unfinished : .refused(.badRequest)
        }
        (line, searched) = (max(line, start), max(searched, start))
        while let end = head[searched...].firstIndex(of: Self.lineFeed) {
            if Self.line(head[line..<end]).isEmpty { return Self.parse(head[start..<end]) }
            (line, searched) = (end + 1, end + 1)
        }
        searched = head.count
        guard head.count >= Self.headLimit else { return .unfinished }
        return .refused(line > start ? .fieldsTooLarge : .targetTooLong)
    }

    /// Where the request begins: an empty line before it is passed over (section 2.2). Nil when none can begin with these bytes, or with so few.
    private static func start(of head: [UInt8]) -> Int? {
        switch head.first {
        case nil: 0
        case lineFeed: 1
        case carriageReturn: head.count > 1 && head[1] == lineFeed ? 2 : nil
        case let first?: isToken(first) ? 0 : nil
        }
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// What stands before a line feed, without the carriage return that belongs to it.
    private static func line(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.last == carriageReturn ? bytes.dropLast() : bytes
    }

    private static func parse(_ head: ArraySlice<UInt8>) -> Outcome {
        var lines = head.split(separator: lineFeed, omittingEmptySubsequences: false).map(line)[...]
        guard let first = lines.popFirst(), lines.allSatisfy({ !$0.contains(carriageReturn) }) else {
            return .refused(.badRequest)
        }
        // The last one is the empty one that ended the head.
        let fields = lines.dropLast()
        guard fields.count <= fieldLimit else { return .refused(.fieldsTooLarge) }
        var hosts = 0
        for field in fields {
            guard let colon = field.firstIndex(of: UInt8(ascii: ":")), colon > field.startIndex,
                field[..<colon].allSatisfy(isToken), field[(colon + 1)...].allSatisfy(isInValue)
            else { return .refused(.badRequest) }
            if field[..<colon].elementsEqual("host".utf8, by: { $0 | 0x20 == $1 }) { hosts += 1 }
        }
        return request(first, hosts: hosts)
    }

    private static func request(_ line: ArraySlice<UInt8>, hosts: Int) -> Outcome {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isToken), !words[1].isEmpty,
            words[1].allSatisfy({ (0x21...0x7E).contains($0) })
        else { return .refused(.badRequest) }
        let version = Array(words[2])
        guard version.count == 8, version.starts(with: "HTTP/".utf8), isDigit(version[5]),
            version[6] == UInt8(ascii: "."),
            isDigit(version[7])
        else { return .refused(.badRequest) }
        guard version[5] == UInt8(ascii: "1") else { return .refused(.versionNotSupported) }
        guard words[1].count <= targetLimit else { return .refused(.targetTooLong) }
        // Section 3.2: one that is of version 1.1 names the host, and none names two.
        guard hosts == 1 || (hosts == 0 && version[7] == UInt8(ascii: "0")) else { return .refused(.badRequest) }
        guard let path = path(of: words[1]) else { return .refused(.badRequest) }
        let method: HTTPRequest.Method =
            words[0].elementsEqual("GET".utf8) ? .get : words[0].elementsEqual("HEAD".utf8) ? .head : .other
        return .request(HTTPRequest(method, path))
    }

    /// Of the forms that a target may have (section 3.2); nil for one that is none.
    private static func path(of target: ArraySlice<UInt8>) -> String? {
        var path = target
        if target.first != UInt8(ascii: "/") {
            if target.elementsEqual("*".utf8) { return "*" }
            let scheme = "http://".utf8
            guard
                target.prefix(scheme.count).elementsEqual(
                    scheme, by: { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 })
            else { return nil }
            let rest = target.dropFirst(scheme.count)
            guard let first = rest.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "?") else { return nil }
            path = rest.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        }
        let text = String(decoding: path.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        return text.isEmpty ? "/" : text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func isInValue(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7F) }
}

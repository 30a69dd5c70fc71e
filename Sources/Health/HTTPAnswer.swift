#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The statuses that this server gives (RFC 9110, section 15; RFC 6585).
package enum HTTPStatus: Int, Hashable, Sendable, CaseIterable {
    case ok = 200
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case targetTooLong = 414
    case fieldsTooLarge = 431
    case serviceUnavailable = 503
    case versionNotSupported = 505

    /// The phrase behind the number, which is for people.
    var phrase: String {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .targetTooLong: "URI Too Long"
        case .fieldsTooLarge: "Request Header Fields Too Large"
        case .serviceUnavailable: "Service Unavailable"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}

/// An answer. The connection ends with it.
package struct HTTPAnswer: Hashable, Sendable {
    package let status: HTTPStatus
    package let contentType: String
    package let body: [UInt8]

    package init(_ status: HTTPStatus, _ contentType: String, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// One that says in a line what was wrong.
    package init(_ status: HTTPStatus, _ text: String? = nil) {
        self.init(status, "text/plain; charset=utf-8", Array("\(text ?? status.phrase)\n".utf8))
    }

    /// The bytes on the wire. `withBody`: false for HEAD, whose answer says how long the body would be.
    package func bytes(withBody: Bool, at seconds: Int) -> [UInt8] {
        var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
        head += "Date: \(Self.date(seconds))\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
        if status == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        head += "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + (withBody ? body : [])
    }

    /// RFC 9110, section 5.6.7. `seconds`: since 1970.
    static func date(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let month = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][Int(parts.tm_mon)]
        return "\(day), \(two(parts.tm_mday)) \(month) \(1900 + Int(parts.tm_year)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}

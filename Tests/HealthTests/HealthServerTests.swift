import Configuration
import Foundation
import Health
import Platform
import Synchronization
import Testing

/// A server on a socket of the test's own, which ends with the test.
private final class TestedServer {
    let path: String
    private let server: HealthServer
    private let thread: OwnThread
    /// What was asked for.
    let asked = AskedPaths()

    final class AskedPaths: Sendable {
        let paths = Mutex<[String]>([])
    }

    init(body: [UInt8] = Array("fine\n".utf8)) throws {
        path = FileManager.default.temporaryDirectory.path + "/h-\(UInt32.random(in: 0 ... .max)).sock"
        let server = try HealthServer(.unix(path: path))
        self.server = server
        let asked = asked
        thread = try OwnThread("health") {
            server.serve { path in
                asked.paths.withLock { $0.append(path) }
                return path == "/metrics" ? HTTPAnswer(.ok, "text/plain", body) : HTTPAnswer(.notFound)
            }
        }
    }

    func end() {
        server.stop()
        thread.join()
    }
}

/// A client that speaks bytes.
private final class Client {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything until the other side ends.
    func hear() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer.prefix(count)
        }
    }
}

@Suite("The health server", .timeLimit(.minutes(1)))
struct HealthServerTests {
    @Test(
        "answers each request once, says how long the answer is, and ends the connection",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", "fine\n"),
            ("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", ""),
            ("GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found", "Not Found\n"),
            ("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "405 Method Not Allowed", "Method Not Allowed\n"),
            ("GET /metrics HTTP/1.1\r\n\r\n", "400 Bad Request", "Bad Request\n"),
            (
                "GET /metrics HTTP/3.0\r\nHost: x\r\n\r\n", "505 HTTP Version Not Supported",
                "HTTP Version Not Supported\n"
            ),
            (
                "GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 20_000), "431 Request Header Fields Too Large",
                "Request Header Fields Too Large\n"
            ),
        ])
    func answers(request: String, status: String, body: String) throws {
        let server = try TestedServer()
        defer { server.end() }
        let client = try Client(server.path)
        client.say(request)
        let parts = client.hear().split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        #expect(parts[0].hasPrefix("HTTP/1.1 \(status)\r\n"))
        #expect(parts[0].contains("\r\nConnection: close"))
        #expect(parts[0].contains("Allow: GET, HEAD") == status.hasPrefix("405"))
        let length = request.hasPrefix("HEAD") ? 5 : body.utf8.count
        #expect(parts[0].contains("\r\nContent-Length: \(length)\r\n"))
        #expect(parts[1] == body)
    }

    @Test("serves who waits once those are gone who say nothing, and gives the latter no more than their time")
    func outlastsTheSlow() throws {
        let server = try TestedServer()
        defer { server.end() }
        let slow = try (0..<HealthServer.mostConnections).map { _ in try Client(server.path) }
        slow[0].say("GET /metrics HT")
        let begin = ContinuousClock.now
        let late = try Client(server.path)
        late.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(late.hear().hasSuffix("fine\n"))
        #expect(ContinuousClock.now - begin > .seconds(4))
        #expect(slow[0].hear().hasPrefix("HTTP/1.1 408 "))
        #expect(slow[1].hear().isEmpty)
    }

    @Test("gives a large answer to a client that reads slowly, while others are served")
    func writesInPieces() throws {
        let body = [UInt8](repeating: UInt8(ascii: "m"), count: 4 << 20)
        let server = try TestedServer(body: body)
        defer { server.end() }
        let slow = try Client(server.path)
        slow.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        let other = try Client(server.path)
        other.say("GET /secret HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(other.hear().hasPrefix("HTTP/1.1 404 "))
        #expect(slow.hear().utf8.count > body.count)
    }

    @Test("stops although somebody is connected, and leaves no socket behind")
    func stops() throws {
        var server: TestedServer? = try TestedServer()
        let path = try #require(server?.path)
        let client = try Client(path)
        client.say("GET /")
        server?.end()
        server = nil
        #expect(client.hear().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("takes the place of a socket that nobody answers on, and of nothing else")
    func replaces() throws {
        let first = try TestedServer()
        defer { first.end() }
        #expect(throws: HealthError.self) { try HealthServer(.unix(path: first.path)) }
        let file = FileManager.default.temporaryDirectory.path + "/h-\(UInt32.random(in: 0 ... .max)).txt"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(throws: HealthError.self) { try HealthServer(.unix(path: file)) }
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(throws: HealthError.self) { try HealthServer(.unix(path: "/nowhere/at/all.sock")) }
    }
}

@Suite("An address to ask at")
struct HealthAddressTests {
    @Test(
        "is a socket's path, or a numeric address with a port",
        arguments: [
            ("unix:/run/fieldproof/health.sock", false), ("tcp:127.0.0.1:9273", false), ("tcp:[::1]:9273", false),
            ("tcp:0.0.0.0:9273", true), ("tcp:[::]:9273", true), ("tcp:10.0.0.7:1", true),
        ])
    func reads(text: String, isOpen: Bool) throws {
        let address = try HealthAddress(text)
        #expect(address.description == text)
        #expect(address.isOpenToNetwork == isOpen)
    }

    @Test(
        "is refused with a word on what to write",
        arguments: [
            ("127.0.0.1:9273", "must be unix:/path or tcp:"),
            ("unix:health.sock", "the path of a unix socket must begin with"),
            ("tcp:localhost:9273", "is not a numeric address"), ("tcp:127.0.0.1", "there is no port"),
            ("tcp:127.0.0.1:0", "there is no port"), ("tcp:127.0.0.1:99999", "there is no port"),
            ("unix:/" + String(repeating: "a", count: 107), "at most 107 bytes"),
        ])
    func refuses(text: String, advice: String) {
        let error = #expect(throws: InvalidValue.self) { try HealthAddress(text) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(advice))
    }
}

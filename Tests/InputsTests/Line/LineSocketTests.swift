import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

/// An input `line` that runs, until ``stop()``.
private final class RunningLine: Sendable {
    let sink: RecordingSink
    let log: RecordingLog
    private let door = Door()
    private let running: RunningInput

    private final class Door: Sendable {
        /// Nil until lines can come in; 0 for a socket without port.
        let port = Mutex<UInt16?>(nil)
    }

    init(_ settings: LineSettings, limit: Int = .max) throws {
        let (sink, log) = (RecordingSink(limit: limit), RecordingLog())
        (self.sink, self.log) = (sink, log)
        let input = try LineInput(settings, environment: .test(name: "line", log: log))
        let door = door
        running = try RunningInput { waker throws(InputError) in
            try input.run(into: sink, until: waker) { port in door.port.withLock { $0 = port ?? 0 } }
        }
    }

    func listening() async throws -> UInt16 {
        try #require(await eventually { door.port.withLock { $0 } != nil }, "\(log.text)")
        return door.port.withLock { $0 } ?? 0
    }

    func stop() async -> InputError? { await running.stop() }

    /// What the input ends with by itself.
    func end() async -> InputError? { await running.end() }
}

/// A plain client.
private struct Client {
    let descriptor: Int32

    init(unix path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(SocketAddress(path: path))
        try #require(address.withPointer { connect(descriptor, $0, $1) } == 0)
    }

    init(_ host: String, _ port: UInt16, datagrams: Bool = false) throws {
        let address = try #require(SocketAddress(host: host, port: port))
        descriptor = socket(address.family, Int32(datagrams ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue), 0)
        try #require(address.withPointer { connect(descriptor, $0, $1) } == 0)
    }

    func send(_ text: String) {
        var bytes = [UInt8](text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    func hangUp() { close(descriptor) }

    /// Whether the other side has closed.
    var isEnded: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0
    }
}

private func temporaryDirectory() throws -> String {
    let path = NSTemporaryDirectory() + "line-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

@Suite("Line protocol: sockets", .timeLimit(.minutes(1)))
struct LineSocketTests {
    @Test("a unix socket takes lines from several clients and is gone in the end")
    func unix() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/line.sock"
        let line = try RunningLine(LineSettings(listen: .unix(path: path), mode: 0o640))
        _ = try await line.listening()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)

        let clients = try (0..<5).map { _ in try Client(unix: path) }
        for (index, client) in clients.enumerated() {
            client.send("m,client=c\(index) value=1 1\nm,client=c\(index) val")
        }
        #expect(await eventually { line.sink.samples.count == 5 })
        for client in clients { client.send("ue=2 2\n") }
        #expect(await eventually { line.sink.samples.count == 10 })
        clients[0].send("bad\n")
        #expect(await eventually { line.sink.rejected == ["bad line": 1] })
        #expect(line.log.text.contains { $0.contains("of process \(getpid()), line 3, column 1: there are no fields") })

        clients.forEach { $0.hangUp() }
        #expect(await line.stop() == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("TCP and UDP take lines over IPv4 and IPv6", arguments: ["127.0.0.1", "::1"])
    func network(host: String) async throws {
        let tcp = try RunningLine(LineSettings(listen: .tcp(host: host, port: 0)))
        let udp = try RunningLine(LineSettings(listen: .udp(host: host, port: 0)))
        let stream = try Client(host, try await tcp.listening())
        let datagrams = try Client(host, try await udp.listening(), datagrams: true)
        stream.send("m value=1 1\nbad\n")
        datagrams.send("m value=1 1\nm value=2 2")
        datagrams.send("bad")
        #expect(await eventually { tcp.sink.samples.count == 1 && tcp.sink.rejected == ["bad line": 1] })
        #expect(await eventually { udp.sink.samples.count == 2 && udp.sink.rejected == ["bad line": 1] })
        let name = host == "::1" ? "[::1]:" : "127.0.0.1:"
        #expect(tcp.log.text.contains { $0.contains(name) && $0.contains("line 2") })
        #expect(udp.log.text.contains { $0.contains(name) && $0.contains("line 1") })
        #expect(await tcp.stop() == nil)
        #expect(await udp.stop() == nil)
    }

    @Test("datagrams that the kernel had to drop are told by the next one")
    func lostDatagrams() throws {
        let socket = try LineSocket(.udp(host: "127.0.0.1", port: 0), mode: 0, input: "line")
        defer { socket.close() }
        let client = try Client("127.0.0.1", try #require(socket.port), datagrams: true)
        let sent = 4000
        for _ in 0..<sent { client.send(String(repeating: "#", count: 1400)) }
        var buffer = [UInt8](repeating: 0, count: 2000)
        var received = 0
        while let datagram = buffer.withUnsafeMutableBytes({ Datagram.receive(socket.descriptor, into: $0) }) {
            #expect(datagram.count == 1400)
            received += 1
        }
        #expect(received < sent)
        client.send("m value=1")
        let last = buffer.withUnsafeMutableBytes { Datagram.receive(socket.descriptor, into: $0) }
        #expect(last?.lostSoFar.map(Int.init) == sent - received)
    }

    @Test("what was sent before the stop is taken, and half a line is counted")
    func drain() async throws {
        let line = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: 0)))
        let client = try Client("127.0.0.1", try await line.listening())
        client.send((0..<20_000).map { "m value=\($0) \($0)\n" }.joined() + "m val")
        #expect(await eventually { !line.sink.samples.isEmpty })
        #expect(await line.stop() == nil)
        #expect(line.sink.samples.count == 20_000)
        #expect(line.sink.rejected == ["bad line": 1])
    }

    @Test("a client that hangs up inside a line costs that line")
    func hangUp() async throws {
        let line = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: 0)))
        let client = try Client("127.0.0.1", try await line.listening())
        client.send("m value=1 1\nm value=2")
        client.hangUp()
        #expect(await eventually { line.sink.rejected == ["bad line": 1] })
        #expect(line.sink.lines == ["m = 1.0 @ 1"])
        #expect(await line.stop() == nil)
    }

    @Test("a text left open is given up by itself, and the lines behind it are read")
    func openText() async throws {
        let line = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: 0)))
        let client = try Client("127.0.0.1", try await line.listening())
        client.send("m a=\"open 1\nm b=2 2\n")
        #expect(await eventually { line.sink.lines == ["m.b = 2.0 @ 2"] })
        #expect(line.sink.rejected == ["bad line": 1])
        #expect(await line.stop() == nil)
    }

    @Test("a client above the limit is turned away, and may come when another has gone")
    func connectionLimit() async throws {
        let line = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: 0), connections: 1))
        let port = try await line.listening()
        let first = try Client("127.0.0.1", port)
        first.send("m value=1 1\n")
        #expect(await eventually { line.sink.samples.count == 1 })
        let second = try Client("127.0.0.1", port)
        #expect(await eventually { second.isEnded })
        #expect(await eventually { line.sink.rejected == ["too many connections": 1] })
        // One that says nothing does not keep the other from being heard.
        first.send("m value=2 2\n")
        #expect(await eventually { line.sink.samples.count == 2 })
        first.hangUp()
        #expect(
            await eventually {
                guard let third = try? Client("127.0.0.1", port) else { return false }
                third.send("m value=3 3\n")
                defer { third.hangUp() }
                return line.sink.lines.contains("m = 3.0 @ 3")
            })
        #expect(await line.stop() == nil)
    }

    @Test("a socket whose owner died is taken over, one that lives or a file is not")
    func staleSocket() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/line.sock"
        // A socket that was bound and closed leaves its file behind, as a killed agent does.
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try #require(SocketAddress(path: path))
        try #require(address.withPointer { bind(dead, $0, $1) } == 0)
        close(dead)

        let line = try RunningLine(LineSettings(listen: .unix(path: path)))
        _ = try await line.listening()
        let second = try RunningLine(LineSettings(listen: .unix(path: path)))
        let error = await second.end()
        #expect(error?.code == .occupied)
        #expect(error?.message == "another program listens on \(path); stop it or change 'listen'")
        #expect(await line.stop() == nil)

        try "precious".write(toFile: path, atomically: true, encoding: .utf8)
        let third = try RunningLine(LineSettings(listen: .unix(path: path)))
        #expect(await third.end()?.code == .occupied)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test("a socket that another has replaced is left alone in the end")
    func replaced() async throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/line.sock"
        let line = try RunningLine(LineSettings(listen: .unix(path: path)))
        _ = try await line.listening()
        // Made beside it and moved over it, so that it has an inode of its own.
        try "new".write(toFile: path + ".new", atomically: false, encoding: .utf8)
        try #require(rename(path + ".new", path) == 0)
        #expect(await line.stop() == nil)
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("an address that cannot be had is told with what to do")
    func refusals() async throws {
        let missing = try RunningLine(LineSettings(listen: .unix(path: "/nonexistent/line.sock")))
        let error = await missing.end()
        #expect(error?.code == .absent)
        #expect(
            error?.description
                == "input 'line': the directory of /nonexistent/line.sock does not exist; make it, or set "
                + "RuntimeDirectory= in the unit (No such file or directory)"
        )
        let foreign = try RunningLine(LineSettings(listen: .tcp(host: "192.0.2.1", port: 0)))
        #expect(await foreign.end()?.code == .absent)
        let first = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: 0)))
        let port = try await first.listening()
        let second = try RunningLine(LineSettings(listen: .tcp(host: "127.0.0.1", port: port)))
        #expect(await second.end()?.code == .occupied)
        #expect(await first.stop() == nil)
    }
}

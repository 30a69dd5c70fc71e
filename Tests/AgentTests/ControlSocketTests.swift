import Foundation
import Inputs
import JSON
import Platform
import Synchronization
import Telemetry
import Testing

@testable import Agent

/// A control socket that is served on a thread of its own, until ``stop()``.
private final class ServedSocket: Sendable {
    private let waker: Waker
    private let thread: OwnThread

    init(_ path: String, _ answer: @escaping @Sendable ([UInt8]) -> [UInt8]) throws {
        let waker = try #require(Waker())
        self.waker = waker
        let socket = try ControlSocket(path: path)
        thread = try OwnThread("control") { socket.serve(until: waker, answer: answer) }
    }

    func stop() {
        waker.wake()
        thread.join()
    }
}

/// The control socket itself, its answers made by the test.
@Suite("The control socket", .serialized)
final class ControlSocketTests {
    private let directory: String
    private var path: String { directory + "/c.sock" }

    init() throws {
        // A socket's path is at most 107 bytes long.
        directory = "/tmp/fieldproof-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func listen(
        _ answer: @escaping @Sendable ([UInt8]) -> [UInt8] = {
            Array("<\(String(decoding: $0, as: UTF8.self))>\n".utf8)
        }
    ) throws -> ServedSocket { try ServedSocket(path, answer) }

    /// Sends `bytes` as they are and returns the next line of the answer.
    private func exchange(_ bytes: [UInt8]) throws -> String? {
        let stream = try UnixStream(connectingTo: path)
        _ = stream.write(bytes)
        return stream.readLine(limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("one line is answered by one line, any number on one connection")
    func lines() throws {
        let socket = try listen()
        defer { socket.stop() }
        let stream = try UnixStream(connectingTo: path)
        #expect(stream.write(Array("one\ntwo\n".utf8)) == true)
        #expect(stream.readLine(limit: 100).map { String(decoding: $0, as: UTF8.self) } == "<one>")
        #expect(stream.readLine(limit: 100).map { String(decoding: $0, as: UTF8.self) } == "<two>")
        #expect(stream.write(Array("\n".utf8)) == true)
        #expect(stream.readLine(limit: 100).map { String(decoding: $0, as: UTF8.self) } == "<>")
    }

    @Test("a line of the greatest length is answered, a longer one hung up on, and the next client is served")
    func tooLong() throws {
        let socket = try listen { Array("\($0.count)\n".utf8) }
        defer { socket.stop() }
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: ControlSocket.lineLimit)
        #expect(try exchange(longest + [UInt8(ascii: "\n")]) == "\(longest.count)")
        #expect(try exchange(longest + [UInt8(ascii: "x"), UInt8(ascii: "\n")]) == nil)
        #expect(try exchange(Array("ok\n".utf8)) == "2")
    }

    @Test("clients that go away at any point harm nobody")
    func hangUps() throws {
        let socket = try listen()
        defer { socket.stop() }
        for _ in 0..<50 {
            _ = try UnixStream(connectingTo: path)
            let half = try UnixStream(connectingTo: path)
            _ = half.write(Array("no end".utf8))
            let deaf = try UnixStream(connectingTo: path)
            _ = deaf.write(Array("asked\n".utf8))
        }
        #expect(try exchange(Array("still there\n".utf8)) == "<still there>")
    }

    @Test("bytes that are no text are handed over as they are")
    func anyBytes() throws {
        let seen = Mutex<[UInt8]>([])
        let socket = try listen { line in
            seen.withLock { $0 = line }
            return Array("ok\n".utf8)
        }
        defer { socket.stop() }
        let bytes = (UInt8.min...UInt8.max).filter { $0 != UInt8(ascii: "\n") }
        #expect(try exchange(bytes + [UInt8(ascii: "\n")]) == "ok")
        #expect(seen.withLock { $0 } == bytes)
    }

    @Test("its owner and its group may use it, nobody else")
    func mode() throws {
        let socket = try listen()
        defer { socket.stop() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
    }

    @Test("a stop removes the socket, and ends a client that goes on asking")
    func stopping() throws {
        let socket = try listen()
        let stream = try UnixStream(connectingTo: path)
        #expect(stream.write(Array("one\n".utf8)) == true)
        #expect((stream.readLine(limit: 100) != nil) == true)
        #expect(stream.write(Array(String(repeating: "more\n", count: 1000).utf8)) == true)
        socket.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        let error = #expect(throws: AgentError.self) { _ = try UnixStream(connectingTo: path) }
        #expect(error?.code == .unavailable)
    }

    @Test("what a dead agent left behind is replaced, a living one is not")
    func takingOver() throws {
        let left = try UnixStream.listening(at: path)
        close(left)
        let socket = try listen()
        defer { socket.stop() }
        let error = #expect(throws: AgentError.self) { _ = try listen() }
        #expect(error?.code == .control)
        #expect(error?.message.hasPrefix("another agent answers on this socket") == true)
        #expect(try exchange(Array("mine\n".utf8)) == "<mine>")
    }

    @Test("a file of another kind at its path is not touched")
    func otherFile() throws {
        try Data("precious".utf8).write(to: URL(filePath: path))
        let error = #expect(throws: AgentError.self) { _ = try listen() }
        #expect(error?.description == "\(path): is there already and is no socket; remove it, or set another 'control'")
        #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
    }

    @Test("a directory that is missing is told of with the remedy")
    func noDirectory() {
        let error = #expect(throws: AgentError.self) { _ = try ControlSocket(path: directory + "/none/c.sock") }
        #expect(
            error?.description
                == "\(directory)/none/c.sock: cannot listen: No such file or directory; create its directory")
    }

    @Test("a client is told when no agent answers, when it hangs up, and when something else does")
    func client() throws {
        let client = ControlClient(path: path)
        var error = #expect(throws: AgentError.self) { _ = try client.status() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("is fieldproof-agent running, with this 'control' socket?") == true)
        for (answer, code, message) in [
            ("hello\n", AgentError.Code.unavailable, "this is not the answer of an agent"),
            ("{}\n", .refused, "without a reason"), ("{\"ok\":false,\"error\":\"no room\"}\n", .refused, "no room"),
        ] {
            let socket = try listen { _ in Array(answer.utf8) }
            error = #expect(throws: AgentError.self) { _ = try client.status() }
            #expect(error?.code == code)
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
            socket.stop()
        }
        let listener = try UnixStream.listening(at: path)
        let server = try OwnThread("server") { _ = UnixStream(accepting: listener, patience: 5)?.readLine(limit: 100) }
        error = #expect(throws: AgentError.self) { _ = try client.status() }
        #expect(error?.message == "the agent hung up without an answer; look into its log")
        server.join()
        close(listener)
    }
}

/// What the engine's side makes of a request, with the engine played by the test.
@Suite("Answers on the control socket")
struct ControlAnswerTests {
    private typealias Engine = Mailbox<AgentEngine.Message>

    private func answer(_ line: String, _ engine: @escaping @Sendable (AgentEngine.Message) -> Void) throws -> String {
        let mailbox = Engine(capacity: 4)
        let isDone = Mutex(false)
        let thread = try OwnThread("engine") {
            var messages: [AgentEngine.Message] = []
            while !isDone.withLock({ $0 }) {
                mailbox.take(into: &messages, until: nil)
                messages.forEach(engine)
                messages.removeAll()
            }
        }
        let answer = ControlAnswer.answer(Array(line.utf8), through: mailbox)
        isDone.withLock { $0 = true }
        mailbox.wake()
        thread.join()
        return String(decoding: answer, as: UTF8.self)
    }

    @Test("a mark is answered with what the engine says of it")
    func marks() throws {
        let seen = Mutex<Event?>(nil)
        let line = "{\"do\":\"mark\",\"event\":\"door.open\",\"attributes\":{\"a\":1}}"
        let stored = try answer(line) { message in
            guard case .mark(let event, let reply) = message else { return }
            seen.withLock { $0 = event }
            _ = reply.post(.stored)
        }
        #expect(stored == "{\"ok\":true}\n")
        #expect(seen.withLock { $0?.name } == "door.open")
        #expect(seen.withLock { $0?["a"] } == .integer(1))
        let refused = try answer(line) { message in
            if case .mark(_, let reply) = message { _ = reply.post(.refused("no \"room\"")) }
        }
        #expect(refused == "{\"ok\":false,\"error\":\"no \\\"room\\\"\"}\n")
    }

    @Test("a line that is no request never reaches the engine")
    func rubbish() throws {
        let answer = try answer("rubbish") { _ in Issue.record("the engine was asked") }
        #expect(answer.hasPrefix("{\"ok\":false,\"error\":\"the request is not JSON"))
        #expect(answer.hasSuffix("\"}\n"))
    }

    @Test("an engine whose mailbox is full is too busy, at once")
    func full() {
        let mailbox = Engine(capacity: 1)
        _ = mailbox.post(.drain(until: 0))
        let answer = ControlAnswer.answer(Array("{\"do\":\"status\"}".utf8), through: mailbox)
        #expect(
            String(decoding: answer, as: UTF8.self)
                == "{\"ok\":false,\"error\":\"the agent is too busy to answer; try again\"}\n")
    }
}

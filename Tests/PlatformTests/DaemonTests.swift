import Foundation
import Platform
import Synchronization
import Testing

/// A daemon that runs on a thread of the test's own; its signals are sent to that thread alone.
private final class TestedDaemon: Sendable {
    /// What happened, in order: `+name` when a part begins, `name` when it is told to end, `-name` when it ends, `hup`.
    private final class Diary: Sendable {
        let lines = Mutex<[String]>([])
        let caller = Mutex<pthread_t?>(nil)
        let outcome = Mutex<(isOver: Bool, error: String)>((false, ""))
        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// What a part does with its life.
    enum Way {
        case untilTold
        case failing(String)
        case failingWhenTold(String)
        case returning
        case deaf
    }

    private let diary = Diary()
    /// Lets the deaf go in the end.
    private let mercy = Mailbox<Int>(capacity: 1)
    private let thread: OwnThread

    init(_ stages: [[(name: String, way: Way)]]) throws {
        let (diary, mercy) = (diary, mercy)
        let daemon = Daemon(
            stages.map { $0.map { Self.part($0.name, $0.way, diary, mercy) } }, hangUp: { diary.note("hup") })
        thread = try OwnThread("daemon") {
            diary.caller.withLock { $0 = pthread_self() }
            var error = ""
            do { try daemon.run() } catch let fault { error = "\(fault)" }
            diary.outcome.withLock { [error] in $0 = (true, error) }
        }
    }

    private static func part(_ name: String, _ way: Way, _ diary: Diary, _ mercy: Mailbox<Int>) -> Daemon.Part {
        let box = Mailbox<Int>(capacity: 1)
        return Daemon.Part(name, patience: 1) {
            diary.note("+\(name)")
            defer { diary.note("-\(name)") }
            var taken: [Int] = []
            switch way {
            case .untilTold, .failingWhenTold:
                while taken.isEmpty { box.take(into: &taken, until: nil) }
                if case .failingWhenTold(let reason) = way { throw Fault(description: reason) }
            case .failing(let reason): throw Fault(description: reason)
            case .returning: break
            case .deaf: while taken.isEmpty { mercy.take(into: &taken, until: nil) }
            }
        } stop: {
            diary.note(name)
            box.insist(1)
        }
    }

    var lines: [String] { diary.lines.withLock { $0 } }

    func signal(_ number: Int32) async {
        #expect(await eventually { diary.caller.withLock { $0 != nil } })
        _ = diary.caller.withLock { caller in caller.map { pthread_kill($0, number) } }
    }

    /// The text of what it has thrown; empty when it returned.
    func end() async -> String {
        #expect(await eventually { diary.outcome.withLock { $0.isOver } }, "\(lines)")
        return diary.outcome.withLock { $0.error }
    }

    func release() {
        mercy.insist(1)
        thread.join()
    }
}

/// Waits until a condition holds, at most ten seconds.
private func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}

@Suite("A daemon of parts", .timeLimit(.minutes(1)))
struct DaemonTests {
    @Test("it runs until SIGTERM or SIGINT, then stages end in reverse", arguments: [SIGTERM, SIGINT])
    func order(number: Int32) async throws {
        let daemon = try TestedDaemon([
            [("engine", .untilTold)], [("control", .untilTold)], [("a", .untilTold), ("b", .untilTold)],
        ])
        #expect(await eventually { daemon.lines.count == 4 })
        #expect(Set(daemon.lines) == ["+engine", "+control", "+a", "+b"])
        await daemon.signal(number)
        #expect(await daemon.end() == "")
        let stop = Array(daemon.lines.dropFirst(4))
        #expect(Set(stop.prefix(4)) == ["a", "b", "-a", "-b"])
        #expect(stop.dropFirst(4) == ["control", "-control", "engine", "-engine"])
        daemon.release()
    }

    @Test("SIGHUP is handed on, and ends nothing")
    func hangUp() async throws {
        let daemon = try TestedDaemon([[("engine", .untilTold)]])
        for count in 1...3 {
            await daemon.signal(SIGHUP)
            #expect(await eventually { daemon.lines.filter { $0 == "hup" }.count == count })
        }
        #expect(!daemon.lines.contains("engine"))
        await daemon.signal(SIGTERM)
        #expect(await daemon.end() == "")
        daemon.release()
    }

    @Test("a part that fails takes the others down in good order, and its error is what the daemon ends with")
    func failure() async throws {
        let daemon = try TestedDaemon([
            [("engine", .failingWhenTold("second"))], [("control", .failing("first"))], [("a", .untilTold)],
        ])
        #expect(await daemon.end() == "first")
        let told = daemon.lines.filter { !$0.hasPrefix("+") }
        #expect(told.filter { $0 != "-control" } == ["a", "-a", "engine", "-engine"])
        daemon.release()
    }

    @Test("a failure on the way out is told")
    func lateFailure() async throws {
        let daemon = try TestedDaemon([[("engine", .failingWhenTold("the disk is gone"))], [("a", .untilTold)]])
        await daemon.signal(SIGTERM)
        #expect(await daemon.end() == "the disk is gone")
        daemon.release()
    }

    @Test("a part that returns without being told is a fault")
    func endedUntold() async throws {
        let daemon = try TestedDaemon([[("engine", .untilTold)], [("a", .returning)]])
        #expect(await daemon.end().hasPrefix("'a' has ended by itself") == true)
        #expect(daemon.lines.contains("-engine"))
        daemon.release()
    }

    @Test("a part that does not end is left behind after its time; the others still end")
    func stuck() async throws {
        let daemon = try TestedDaemon([[("engine", .untilTold)], [("a", .deaf), ("b", .untilTold)]])
        await daemon.signal(SIGTERM)
        #expect(await daemon.end().hasPrefix("'a' did not end in time") == true)
        #expect(daemon.lines.contains("-b") && daemon.lines.contains("-engine"))
        #expect(!daemon.lines.contains("-a"))
        daemon.release()
    }

    @Test("a system that has no thread for a part is told of, and what was started ends")
    func noThread() throws {
        let told = Mailbox<Int>(capacity: 1)
        let parts = [
            Daemon.Part("engine", patience: 5) {
                var taken: [Int] = []
                while taken.isEmpty { told.take(into: &taken, until: nil) }
            } stop: {
                told.insist(1)
            }, Daemon.Part("vast", stackSize: 1 << 47, patience: 5, run: {}, stop: {}),
        ]
        let outcome = Mutex<(any Error)?>(nil)
        try OwnThread("daemon") {
            do { try Daemon(parts.map { [$0] }).run() } catch { outcome.withLock { $0 = error } }
        }.join()
        #expect(outcome.withLock { $0 is ThreadError })
    }

    @Test("a process ends with its status, what it printed, and without exit handlers")
    func processEnd() async throws {
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardOutputContent]) {
            atexit { print("a handler ran") }
            print("printed", terminator: "")
            endProcess(7)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(output.contains("printed"))
        #expect(!output.contains("a handler ran"))
    }
}

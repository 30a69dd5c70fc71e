import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("Input exec")
struct ExecInputTests {
    private static let hour: Int64 = 3_600_000_000_000

    private func settings(
        _ script: String, _ mode: ExecSettings.Mode = .poll(every: hour, timeout: 10_000_000_000),
        _ format: String = "key-value"
    ) throws -> ExecSettings {
        ExecSettings(["/bin/sh", "-c", script], mode, try FormatBench.settings(format))
    }

    private func running(
        _ settings: ExecSettings, _ sink: RecordingSink, _ log: RecordingLog
    ) throws -> RunningInput {
        let input = try ExecInput(settings, environment: .test(log: log))
        return try RunningInput { stop throws(InputError) in try input.run(into: sink, until: stop) }
    }

    /// The processes whose command line has `marker`, zombies included.
    private static func processes(_ marker: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(marker)
        }
    }

    @Test("a program is run without a shell: its arguments are what they are")
    func arguments() async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let settings = ExecSettings(
            ["printf", "a=%s b=%s\n", "1", "$(( 1 + 1 ))"], .poll(every: Self.hour, timeout: 10_000_000_000),
            try FormatBench.settings("{type: key-value, fields: {a: a, b: {key: b, as: text}}}"))
        let running = try running(settings, sink, log)
        #expect(await eventually { sink.samples.count == 2 })
        #expect(await running.stop() == nil)
        #expect(sink.samples.map { $0.sample.value.plain } == ["1.0", "\"$((\""])
    }

    @Test("it has the environment and the directory that are set, and nothing of the agent's that it need not know")
    func environment() async throws {
        setenv("FIELDPROOF_TEST_SECRET", "1", 1)
        let (sink, log) = (RecordingSink(), RecordingLog())
        var settings = try settings(
            "echo \"x=$X;secret=${FIELDPROOF_TEST_SECRET:-0};in=$PWD\"; ls -l /proc/self/fd | wc -l >&2",
            .poll(every: Self.hour, timeout: 10_000_000_000),
            "{type: key-value, separator: ';', fields: {x: x, secret: secret, in: {key: in, as: text}}}")
        settings.variables = [("X", "7")]
        settings.directory = "/usr"
        let running = try running(settings, sink, log)
        // A line "total", the three standard descriptors, and the directory that ls reads.
        #expect(await eventually { log.text.contains { $0.hasSuffix("a program complains: 5") } }, "\(log.text)")
        #expect(await eventually { sink.samples.count == 3 })
        #expect(await running.stop() == nil)
        #expect(sink.samples.map { $0.sample.value.plain } == ["7.0", "0.0", "\"/usr\""])
    }

    @Test("output of many lines can be one record")
    func wholeOutput() async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        var settings = try settings(
            "printf '{\\n \"a\": 1,\\n \"b\": 2\\n}\\n'", .poll(every: Self.hour, timeout: 10_000_000_000), "json")
        settings.isOutputOneRecord = true
        let running = try running(settings, sink, log)
        #expect(await eventually { sink.samples.count == 2 })
        #expect(await running.stop() == nil)
        #expect(sink.rejected.isEmpty)
    }

    @Test(
        "a run that fails is counted, and told once",
        arguments: [
            (
                "echo a=1; echo no scale >&2; exit 3", "failed run",
                "the program ended with the status 3"
            ),
            ("kill -9 $$", "failed run", "ended by the signal 9"),
        ])
    func failure(script: String, reason: String, message: String) async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try running(try settings(script, .poll(every: 100_000_000, timeout: 10_000_000_000)), sink, log)
        #expect(await eventually { sink.rejected[reason, default: 0] >= 3 })
        #expect(await running.stop() == nil)
        #expect(log.text.filter { $0.contains("a source does not answer") }.count == 1)
        #expect(log.reasons.first?.contains(message) == true, "\(log.reasons)")
    }

    @Test("a program that is not there is told with what to do")
    func absent() async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let settings = ExecSettings(
            ["/no/such/program"], .poll(every: Self.hour, timeout: 1_000_000_000), try FormatBench.settings("line"))
        let running = try running(settings, sink, log)
        #expect(await eventually { !log.reasons.isEmpty })
        #expect(await running.stop() == nil)
        #expect(log.reasons.first?.contains("'/no/such/program' cannot be started") == true)
    }

    @Test("a run that takes too long is ended with all that it started, whether it likes it or not")
    func timeout() async throws {
        let marker = "fp-timeout-\(UUID())"
        let (sink, log) = (RecordingSink(), RecordingLog())
        let script =
            "trap '' TERM; echo a=1; sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' \(marker) & while :; do sleep 0.1; done # \(marker)"
        let running = try running(try settings(script, .poll(every: Self.hour, timeout: 300_000_000)), sink, log)
        #expect(await eventually { sink.rejected["run timed out"] == 1 })
        #expect(await eventually { Self.processes(marker).isEmpty })
        #expect(await running.stop() == nil)
        #expect(sink.samples.count == 1)
    }

    @Test("an end of the input ends a streaming program at once, and leaves no zombie")
    func stop() async throws {
        let marker = "fp-stop-\(UUID())"
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try running(
            try settings("echo a=1; while :; do sleep 0.1; done # \(marker)", .stream(ExecSettings.Restart())), sink,
            log)
        #expect(await eventually { sink.samples.count == 1 })
        #expect(Self.processes(marker).count == 1)
        let began = ContinuousClock.now
        #expect(await running.stop() == nil)
        #expect(ContinuousClock.now - began < .seconds(3))
        #expect(Self.processes(marker).isEmpty)
    }

    @Test(
        "a streaming program that ends is started again, as the settings say",
        arguments: [
            (ExecSettings.Restart.When.always, 0, true), (.onFailure, 0, false), (.onFailure, 1, true),
            (.never, 1, false),
        ])
    func restart(when: ExecSettings.Restart.When, status: Int, again: Bool) async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let restart = ExecSettings.Restart(when: when, first: 1_000_000, longest: 10_000_000)
        let running = try running(try settings("echo a=1; exit \(status)", .stream(restart)), sink, log)
        if again {
            #expect(await eventually { sink.samples.count >= 3 })
            // A program that dies at once each time is one line in the log.
            #expect(log.text.filter { $0.contains("a source") }.count <= 2, "\(log.text)")
        } else {
            #expect(await eventually { log.text.contains { $0.contains("not to be started again") } })
            #expect(sink.samples.count == 1)
            #expect(running.isRunning)
        }
        #expect(await running.stop() == nil)
    }

    @Test("a child that outlives its parent and holds the pipe does not hold the input")
    func heldPipe() async throws {
        let marker = "fp-held-\(UUID())"
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try running(
            try settings(
                "sh -c 'while :; do sleep 0.1; done' \(marker) & echo a=1",
                .poll(every: 200_000_000, timeout: 10_000_000_000)), sink, log)
        #expect(await eventually { sink.samples.count >= 2 })
        #expect(await running.stop() == nil)
        #expect(await eventually { Self.processes(marker).isEmpty })
    }

    @Test("endless output without a newline is let go, and what is said on standard error is held back")
    func hostile() async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try running(
            try settings(
                "yes complaint | head -n 5000 >&2; head -c 300000 /dev/zero | tr '\\0' x; echo; echo a=1",
                .poll(every: Self.hour, timeout: 10_000_000_000)),
            sink, log)
        #expect(await eventually { sink.samples.count == 1 })
        #expect(await running.stop() == nil)
        #expect(sink.rejected == ["record too long": 1])
        #expect(log.text.filter { $0.contains("a program complains") }.count < 10)
    }
}

#if ROS2
import Configuration
import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

/// `peer.py` as a process: a publisher by PyPI cyclonedds that does what it is told.
final class ROS2Peer {
    let domain: Int
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Domains do not see each other, and each test has one of its own. Those above 100 use ports that the kernel gives to others.
    private static let number = Mutex(Int(ProcessInfo.processInfo.processIdentifier))

    /// - Throws: when there is no Python with what it needs.
    init() throws {
        domain = Self.number.withLock { number in
            number += 1
            return 1 + number % 99
        }
        let script = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/ros2/peer.py").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, "\(domain)"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.standardError
        try process.run()
        try #require(
            line() == "ready", "python3 with the packages of Tests/EndToEnd/requirements.txt must be in PATH")
    }

    /// Does one thing, and waits until it is done.
    func tell(_ words: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((words + "\n").utf8))
        #expect(line().hasPrefix("ok"), "\(words)")
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    private func line() -> String {
        var text = ""
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text
    }
}

/// An input `ros2` that runs on the loopback.
final class ROS2Scene: Sendable {
    /// The clock of the scene, which stands still.
    static let now: Int64 = 1_795_300_000_000_000_000

    let sink: RecordingSink
    let log = RecordingLog()
    let input: RunningInput

    /// - Parameters:
    ///   - domain: where to read.
    ///   - topics: items of `topics`.
    ///   - settings: other settings, as lines.
    ///   - limit: the longest message.
    ///   - sink: what remembers all.
    /// - Throws: when the settings are wrong.
    init(
        domain: Int, _ topics: String, settings: String = "", limit: String = "256KiB",
        sink: RecordingSink = RecordingSink()
    ) throws {
        let yaml = """
            domain: \(domain)
            network: {interfaces: lo, multicast: off, peers: 127.0.0.1, message-limit: \(limit)}
            \(settings)
            topics: [\(topics)]
            """
        let settings = try ConfigurationFile(name: "x", text: yaml).decode(ROS2Settings.self)
        let ros = try ROS2Input(settings, environment: .test(name: "ros2", at: Self.now, log: log))
        self.sink = sink
        input = try RunningInput { waker throws(InputError) in try ros.run(into: sink, until: waker) }
    }

    var lines: [String] {
        sink.samples.map { recorded in
            let unit = recorded.series.unit == .one ? "" : " \(recorded.series.unit)"
            let quality = recorded.sample.quality.names.map { " " + $0 }.joined()
            return "\(recorded.series.key) = \(recorded.sample.value.plain)\(unit)\(quality)"
        }
    }
}
#endif

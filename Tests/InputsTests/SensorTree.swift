import Foundation
import Telemetry
import Testing

@testable import Inputs

/// A directory that plays `/`, made of the files that a test names.
struct SensorTree {
    private let tree: HostTree
    var root: String { tree.root }

    /// - Parameter files: their content by their paths below the root, such as `sys/class/hwmon/hwmon0/name`.
    /// - Throws: when the directory cannot be made.
    init(_ files: [String: String]) throws {
        tree = try HostTree()
        for (path, text) in files { try write(path, text) }
    }

    func write(_ path: String, _ text: String) throws { try tree.write(path, text + "\n") }

    func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    /// A symbolic link such as `device`.
    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(root)/\(path)", withDestinationPath: target)
    }

    /// Removes a file or a folder; open descriptors of it go on reading what it held, as they do in `/sys` until the device is gone.
    func delete(_ path: String) throws { try tree.delete(path) }

    func remove() { tree.remove() }
}

/// One reader with what it shares with others, read by hand.
final class SensorScene<Reader: HostReader> {
    private var reader: Reader
    private var pass: HostPass
    let sink: RecordingSink
    private var seconds: Int64 = 0

    init(_ reader: Reader, root: String, device: String? = nil) {
        sink = RecordingSink()
        self.reader = reader
        pass = HostPass(
            root: root, tags: InputEnvironment.test().deviceTags(device), sink: sink,
            moment: HostMoment(wall: Timestamp(seconds: 0), monotonic: 0))
    }

    /// Reads once, some seconds after the reading before.
    ///
    /// - Returns: `name,tag=value = number unit quality` of each sample; nil when there is nothing to read.
    func read(after seconds: Int64 = 1) -> [String]? {
        self.seconds += seconds
        let wall = Timestamp(seconds: 1_795_300_000 + self.seconds)
        pass.begin(at: HostMoment(wall: wall, monotonic: self.seconds * 1_000_000_000))
        sink.clear()
        guard reader.read(&pass) else { return nil }
        sink.accept(pass.samples, priority: .metric)
        return sink.samples.map { recorded in
            let quality = recorded.sample.quality.names.map { " " + $0 }.joined()
            return "\(recorded.series.key) = \(recorded.sample.value.plain) \(recorded.series.unit)\(quality)"
        }
    }
}

import Foundation
import Telemetry
import Testing

@testable import Inputs

/// Two snapshots of a box's `/proc` and `/sys`, one second apart, and what is read from them.
///
/// `FIELDPROOF_RECORD=1` writes the expectations anew, to be looked at as a difference.
@Suite("Host: golden boxes")
struct HostGoldenTests {
    static let start = HostMoment(wall: Timestamp(seconds: 1_795_300_000), monotonic: 5_000_000_000)

    static func moment(after seconds: Double) -> HostMoment {
        let offset = Int64(seconds * 1e9)
        return HostMoment(
            wall: start.wall.advanced(byNanoseconds: offset), monotonic: start.monotonic + offset)
    }

    @Test("a box gives the same samples as ever", arguments: ["x86-server", "raspberry-pi", "container"])
    func golden(box: String) throws {
        let tree = try HostTree(box)
        defer { tree.remove() }
        let sink = RecordingSink()
        let log = RecordingLog()
        var settings = HostSettings()
        settings.cores = box == "raspberry-pi" ? .modes : .usage
        var collector = HostCollector(
            settings, environment: .test(name: "host", root: tree.root, log: log), sink: sink, moment: Self.start,
            probe: tree.fill)
        var text = ""
        for (index, snapshot) in ["a", "b"].enumerated() {
            try tree.show(snapshot)
            sink.clear()
            collector.collect(at: Self.moment(after: Double(index)))
            text += "# \(snapshot)\n"
            for recorded in sink.samples {
                let kind = recorded.series.kind == .counter ? "counter" : "gauge"
                text += "\(recorded.series.key) = \(recorded.sample.value.plain) \(recorded.series.unit) \(kind)\n"
            }
            #expect(sink.samples.allSatisfy { $0.sample.timestamp == Self.moment(after: Double(index)).wall })
            #expect(sink.rejected.isEmpty)
        }
        text += "# log\n" + log.text.map { $0 + "\n" }.joined()
        #expect(sink.series.allSatisfy { Series.isValidName($0.name) })
        #expect(Set(sink.series.map(\.key)).count == sink.series.count, "no two series share a key")

        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/host/\(box)/expected.txt")
        if ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] != nil {
            try text.write(to: source, atomically: true, encoding: .utf8)
        }
        #expect(try text == String(contentsOf: source, encoding: .utf8))
    }
}

/// A directory that plays `/`, whose files change in place as the kernel's do.
struct HostTree {
    let root: String
    private let box: URL

    /// - Parameter box: a folder of `Fixtures/host`; nil for an empty tree.
    /// - Throws: when the directory cannot be made.
    init(_ box: String? = nil) throws {
        root = NSTemporaryDirectory() + "host-\(UInt64.random(in: 0...UInt64.max))"
        let fixtures = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/host")
        self.box = fixtures.appendingPathComponent(box ?? "")
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    func remove() {
        do {
            try FileManager.default.removeItem(atPath: root)
        } catch {
            Issue.record("\(root) is left behind: \(error)")
        }
    }

    /// Gives every file the content it has in a snapshot.
    func show(_ snapshot: String) throws {
        let source = box.appendingPathComponent(snapshot).resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(atPath: source.path))
        for case let file as String in files {
            var isDirectory: ObjCBool = false
            let path = source.appendingPathComponent(file).path
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
                continue
            }
            try write(file, String(contentsOfFile: path, encoding: .utf8))
        }
    }

    /// Writes into the file that is there, so that open descriptors see it.
    func write(_ path: String, _ text: String) throws {
        let full = root + "/" + path
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: full) {
            try "".write(toFile: full, atomically: false, encoding: .utf8)
        }
        let handle = try #require(FileHandle(forWritingAtPath: full))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    func delete(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    /// Plays statvfs: the longer the path of the mount point, the fuller.
    @Sendable
    func fill(_ path: String) -> FileSystemUse? {
        let share = UInt64(path.utf8.count - root.utf8.count)
        return FileSystemUse(
            size: 100_000_000_000, free: 100_000_000_000 - share * 1_000_000_000,
            available: 95_000_000_000 - share * 1_000_000_000,
            inodes: path.hasSuffix("/efi") || path.hasSuffix("/firmware") ? 0 : 6_000_000, freeInodes: 5_000_000)
    }
}

import Foundation

/// A script of `Fixtures/peers` in Python, whose parsers are not ours.
enum PythonPeer {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// What the script wrote to standard output for `input`; throws what it wrote to standard error when it failed.
    static func run(_ script: String, input: String) throws -> Data {
        let directory = FileManager.default.temporaryDirectory.appending(path: "reports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        // Files instead of pipes, so that neither side waits for the other, however much there is.
        let given = directory.appending(path: "in")
        let taken = directory.appending(path: "out")
        let errors = directory.appending(path: "errors")
        try Data(input.utf8).write(to: given)
        try Data().write(to: taken)
        try Data().write(to: errors)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Golden.fixtures.appending(path: "peers/\(script)").path]
        process.standardInput = try FileHandle(forReadingFrom: given)
        process.standardOutput = try FileHandle(forWritingTo: taken)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
        }
        return try Data(contentsOf: taken)
    }
}

import Foundation
import Testing

/// Another implementation of JSON, run as a program that turns lines on standard input into lines on standard output.
enum Peer: String {
    case python = "python3"
    case node

    /// Where the program lies, if it is installed.
    var path: URL? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { URL(fileURLWithPath: "\($0)/\(rawValue)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    var isInstalled: Bool { path != nil }

    /// Runs a script over the lines, which pass through a file so that no pipe can fill up while we write.
    func answer(_ lines: [[UInt8]], script: String) throws -> [[UInt8]] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("json-\(UUID().uuidString)")
        try Data(lines.joined(separator: [0x0A])).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let program: URL = try #require(path)
        let process = Process()
        process.executableURL = program
        process.arguments = [self == .python ? "-c" : "-e", script]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let answers = answer.split(separator: 0x0A, omittingEmptySubsequences: false).map { [UInt8]($0) }
        #expect(answers.count == lines.count + 1, "a line feed ends every answer")
        return answers.dropLast()
    }
}

import Foundation
import Testing

@testable import Platform

@Suite("What a process holds of memory", .serialized)
struct ProcessMemoryTests {
    /// Kilobytes of file-backed pages that are mapped and were not written to.
    private static func cleanKilobytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)
        return text.split(separator: "\n").filter { $0.contains("_Clean:") }.reduce(0) { sum, line in
            sum + (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        }
    }

    @Test("code and constants that are given back are there when they are used, and what was written stays")
    func release() throws {
        let written = (0..<100_000).map { $0 * $0 }
        let before = try Self.cleanKilobytes()
        ProcessMemory.releaseStart()
        let after = try Self.cleanKilobytes()
        #expect(after < before)
        #expect(written.indices.allSatisfy { written[$0] == $0 * $0 })
        #expect("fieldproof".uppercased() == "FIELDPROOF")
    }
}

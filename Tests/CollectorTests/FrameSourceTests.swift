import CZstd
import Foundation
import Frames
import Testing

@testable import Collector

@Suite("Frames from files")
struct FrameSourceTests {
    /// What a source gives of a file with these bytes.
    private static func frames(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let file = FileManager.default.temporaryDirectory.appending(path: "frames-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let source = try FrameSource(path: file.path)
        var frames: [[UInt8]] = []
        while let frame = try source.next() { frames.append(frame) }
        #expect(bytes.isEmpty || source.share == 1)
        return frames
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let size = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
        return Array(output.prefix(size))
    }

    private static func sent(_ count: Int) throws -> [[UInt8]] {
        var sender = Sender()
        return try (0..<count).map { _ in try sender.frame(samples: 50) }
    }

    private static func hexadecimal(_ frame: [UInt8]) -> [UInt8] {
        Array(frame.map { String(format: "%02x", $0) }.joined().utf8)
    }

    @Test("an empty file has no frames")
    func empty() throws {
        #expect(try Self.frames([]) == [])
        #expect(try Self.frames(Array("\n\r\n".utf8)) == [])
    }

    @Test("frames one after another, as lines of hexadecimal, and compressed by Zstandard are the same frames")
    func forms() throws {
        // More than what is read at once, so that frames lie across the borders.
        let sent = try Self.sent(2000)
        let plain = Array(sent.joined())
        #expect(plain.count > 250_000)
        let lines = Array(sent.map { Self.hexadecimal($0) + Array("\r\n".utf8) }.joined())
        #expect(try Self.frames(plain) == sent)
        #expect(try Self.frames(lines) == sent)
        #expect(try Self.frames(lines.dropLast(2)) == sent, "the last line need not be ended")
        #expect(try Self.frames(Self.compressed(plain)) == sent)
        #expect(try Self.frames(Self.compressed(lines)) == sent)
        let half = sent[..<1000].joined(), rest = sent[1000...].joined()
        #expect(
            try Self.frames(Self.compressed(Array(half)) + Self.compressed(Array(rest))) == sent,
            "files that were compressed one by one may be put together")
    }

    @Test("a file that was cut off says so, and gives what stands before", arguments: [1, 10, 100])
    func cut(bytes: Int) throws {
        let sent = try Self.sent(3)
        let plain = Array(sent.joined())
        #expect(throws: CollectorError.self) { try Self.frames(plain.dropLast(bytes)) }
        #expect {
            try Self.frames(Self.compressed(plain).dropLast(bytes))
        } throws: { error in
            guard let error = error as? CollectorError else { return false }
            return error.code == .refused && error.message.contains("ends in the middle")
        }
    }

    @Test("what is neither frames nor hexadecimal is refused, damaged compression too")
    func foreign() throws {
        for text in ["online", "d9d9f", "{\"a\": 1}\n"] {
            #expect(throws: CollectorError.self) { try Self.frames(Array(text.utf8)) }
        }
        var damaged = Self.compressed(Array(try Self.sent(20).joined()))
        for index in 6..<40 { damaged[index] ^= 0x55 }
        #expect(throws: CollectorError.self) { try Self.frames(damaged) }
        #expect(throws: CollectorError.self) { try FrameSource(path: "/nowhere/frames") }
        let folder = try FrameSource(path: "/")
        #expect(throws: CollectorError.self) { try folder.next() }
    }
}

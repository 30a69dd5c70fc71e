import Checksums
import SegmentLog
import TestSupport
import Testing

/// The bytes that ``SegmentLog`` specifies, as another program computed them from the specification alone. If one of
/// these fails, either the version of the format has to change, or the code back.
@Suite("The format on disk")
struct FormatTests {
    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// A closed log with "hello" in lane 1, released, and "abcdefgh" behind it.
    private func written() throws -> (files: FaultyFileSystem, segment: [UInt8]) {
        let files = FaultyFileSystem(seed: 42)
        var log = try open(files)
        let entry = try log.append(Array("hello".utf8).span.bytes, to: Lane(1))
        try log.append(Array("abcdefgh".utf8).span.bytes, to: Lane(1))
        try log.synchronize()
        log.release(through: Position(1), in: Lane(1))
        try log.close()
        #expect(entry.location == Location(segment: 7, offset: 4096))
        return (files, try #require(files.contents(directory + "/0000000000000007.segment")))
    }

    @Test("of a segment header, twice")
    func segmentHeader() throws {
        let segment = try written().segment
        let expected = [
            "46505345474c4f47", "0100", "01", "02", "00200000",  // magic, version, lane, lanes, size
            "0700000000000000", "956eeb2f2632d7bd",  // number, salt
            "0100000000000000", "0000000000000000",  // first, follows
            String(repeating: "00", count: 64),  // released
            String(repeating: "0100000000000000", count: 2) + String(repeating: "00", count: 48),  // next
        ].joined()
        #expect(hex(segment[0..<176]) == expected)
        #expect(hex(segment[176..<180]) == "102609d2")
        #expect(segment[2048..<2228] == segment[0..<180])
    }

    @Test("of records and the seal")
    func records() throws {
        let segment = try written().segment
        #expect(
            hex(segment[4096..<4160])
                == "46524543" + "05000000" + "0100000000000000" + "4cbb719a" + "b45782bd" + "68656c6c6f000000"
                + "46524543" + "08000000" + "0200000000000000" + "b721940a" + "71127f33" + "6162636465666768")
        #expect(hex(segment[8168..<8192]) == "46505345414c4544" + "0300000000000000" + "40100000" + "7c7a5c7d")
    }

    @Test("of the cursor")
    func cursor() throws {
        let cursor = try #require(try written().files.contents(directory + "/cursor"))
        #expect(cursor.count == 8192)
        #expect(
            hex(cursor[4096..<4252])
                == "4650435552534f520100080000000000010000000000000000000000000000000000000000000000"
                + "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "0000000000000000000000000000000000000000000000000000000000000000a1ba5b61")
        #expect(
            hex(cursor[0..<156])
                == "4650435552534f520100080100000000020000000000000000000000000000000100000000000000"
                + "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "00000000000000000000000000000000020000000000000000000000000000000000000000000000"
                + "000000000000000000000000000000000000000000000000000000000000000092951bcf")
    }

    @Test(
        "of a later version is refused, whichever file has it, and nothing is changed",
        arguments: ["cursor", "segment"])
    func laterVersion(kind: String) throws {
        let files = try written().files
        let name = directory + (kind == "cursor" ? "/cursor" : "/0000000000000007.segment")
        var bytes = try #require(files.contents(name))
        let (copies, covered) = kind == "cursor" ? ([0, 4096], 152) : ([0, 2048], 176)
        for at in copies {
            bytes[at + 8] = 2
            let checksum = CRC32C.checksum(of: bytes.span.bytes.extracting(at..<at + covered))
            for byte in 0..<4 { bytes[at + covered + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * byte)) }
        }
        files.setContents(name, bytes)
        let before = files.paths.map { [$0: files.contents($0)] }
        let error = #expect(throws: LogError.self) { _ = try open(files) }
        #expect(error?.code == .newerFormat)
        #expect(
            error?.description == "\(name): this \(kind) has format 2, and 1 is known: a newer version of this program "
                + "wrote it; install that version or a later one, or use another directory; nothing was changed [newerFormat]"
        )
        #expect(files.paths.map { [$0: files.contents($0)] } == before, "nothing was written, made or renamed")
        #expect(throws: LogError.self) { _ = try LogInspection(directory: directory, files: files) }
    }

    @Test("a damaged version is damage, and no later version", arguments: ["cursor", "segment"])
    func damagedVersion(kind: String) throws {
        let files = try written().files
        let name = directory + (kind == "cursor" ? "/cursor" : "/0000000000000007.segment")
        var bytes = try #require(files.contents(name))
        for at in kind == "cursor" ? [0, 4096] : [0, 2048] { bytes[at + 8] = 3 }
        files.setContents(name, bytes)
        let log = try open(files)
        #expect(kind == "cursor" ? log.recovery.cursorLost : log.recovery.unreadable == ["0000000000000007.segment"])
    }
}

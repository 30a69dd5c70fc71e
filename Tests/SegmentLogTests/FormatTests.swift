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
}

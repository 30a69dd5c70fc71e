import Checksums
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("Consent on disk")
struct ConsentFileTests {
    private static let granted = [("anna", Timestamp(seconds: 5)), ("王芳", Timestamp(seconds: -3))]
    private static let text = "FPCONSN1\n5000000000 anna\n-3000000000 王芳\n"

    private static func list(_ granted: [(subject: String, since: Timestamp)]?) -> [String]? {
        granted?.map { "\($0.subject) \($0.since.nanoseconds)" }
    }

    @Test("the bytes are those of the description, and are read back")
    func bytes() {
        let bytes = ConsentFile<FaultyFileSystem>.bytes(Self.granted)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(Self.text))
        #expect(bytes.count == Self.text.utf8.count + 9)
        let read = Self.list(ConsentFile<FaultyFileSystem>.granted(bytes))
        #expect(read == ["anna 5000000000", "王芳 -3000000000"])
        #expect(Self.list(ConsentFile<FaultyFileSystem>.granted(ConsentFile<FaultyFileSystem>.bytes([]))) == [])
    }

    @Test("a file with any bit wrong, cut off or with something behind it holds no consent")
    func damaged() {
        let bytes = ConsentFile<FaultyFileSystem>.bytes(Self.granted)
        for place in bytes.indices {
            for bit in 0..<8 {
                var wrong = bytes
                wrong[place] ^= 1 << bit
                #expect(ConsentFile<FaultyFileSystem>.granted(wrong) == nil, "bit \(bit) of byte \(place)")
            }
            #expect(ConsentFile<FaultyFileSystem>.granted(Array(bytes[..<place])) == nil)
        }
        #expect(ConsentFile<FaultyFileSystem>.granted(bytes + bytes) == nil)
    }

    @Test("a file of a later form is told from a damaged one")
    func laterForm() throws {
        let files = FaultyFileSystem(seed: 3)
        let file = try file(files)
        let text = Self.text.replacing("FPCONSN1", with: "FPCONSN2")
        let sum = String(CRC32C.checksum(of: Array(text.utf8).span.bytes), radix: 16)
        let bytes = Array("\(text)\(String(repeating: "0", count: 8 - sum.count))\(sum)\n".utf8)
        files.setContents("/spool/consent", bytes)
        #expect(#expect(throws: AgentError.self) { try file.read() }?.code == .newerFormat)
        #expect(files.contents("/spool/consent") == bytes)
        files.setContents("/spool/consent", bytes.dropLast(2) + [UInt8(ascii: "x"), UInt8(ascii: "\n")])
        #expect(#expect(throws: AgentError.self) { try file.read() }?.code == .consent)
    }

    private func file(_ files: FaultyFileSystem) throws -> ConsentFile<FaultyFileSystem> {
        try? files.createDirectory("/spool")
        return ConsentFile(in: "/spool", files: files)
    }

    @Test("what was written outlives a power cut, and no file means no consent")
    func durable() throws {
        let files = FaultyFileSystem(seed: 3)
        let file = try file(files)
        #expect(try file.read().isEmpty)
        try file.write(Self.granted)
        files.reboot(.nothing)
        #expect(Self.list(try file.read()) == ["anna 5000000000", "王芳 -3000000000"])
    }

    @Test("a withdrawal for which there is no room takes everybody's consent from the disk")
    func withdrawal() throws {
        let files = FaultyFileSystem(seed: 3)
        let file = try file(files)
        try file.write(Self.granted)
        files.setFailing(.write, true)
        #expect(throws: AgentError.self) { try file.write([Self.granted[0]]) }
        #expect(try file.read().count == 2, "a grant that cannot be written changes nothing")
        #expect(try file.restrict(to: [Self.granted[0]]) == false)
        files.reboot(.nothing)
        #expect(try file.read().isEmpty)
    }
}

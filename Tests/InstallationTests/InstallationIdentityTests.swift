import Checksums
import Installation
import SegmentLog
import Telemetry
import TestSupport
import Testing

@Suite("The identity of an installation")
struct InstallationIdentityTests {
    private let install = UUIDBytes(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
    private let other = UUIDBytes(high: 7, low: 7)

    @Test("a new directory has none; the first start makes one, with epoch 1")
    func first() throws {
        let files = FaultyFileSystem()
        #expect(try InstallationIdentity.read(in: "/log", files: files) == nil)
        let identity = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        #expect(identity == InstallationIdentity(install: install, epoch: 1))
        #expect(try InstallationIdentity.read(in: "/log", files: files) == identity)
    }

    @Test("each start counts the epoch up and keeps the install, whatever it would have been")
    func counting() throws {
        let files = FaultyFileSystem()
        for epoch in UInt64(1)...5 {
            let identity = try InstallationIdentity.startEpoch(
                in: "/log", files: files, install: epoch == 1 ? install : other)
            #expect(identity == InstallationIdentity(install: install, epoch: epoch))
        }
    }

    @Test("reading changes nothing")
    func readingIsPure() throws {
        let files = FaultyFileSystem()
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        let before = files.contents("/log/identity")
        for _ in 0..<3 { _ = try InstallationIdentity.read(in: "/log", files: files) }
        #expect(files.contents("/log/identity") == before)
    }

    @Test("the file is 48 bytes, laid out as documented")
    func layout() throws {
        let files = FaultyFileSystem()
        for _ in 0..<0x0102 { _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install) }
        let bytes = try #require(files.contents("/log/identity"))
        #expect(bytes.count == 48)
        #expect(Array(bytes[0..<8]) == Array("FPIDENT1".utf8))
        #expect(Array(bytes[8..<24]) == install.bytes)
        #expect(Array(bytes[24..<32]) == [0, 0, 0, 0, 0, 0, 1, 2])
        #expect(Array(bytes[32..<44]) == [UInt8](repeating: 0, count: 12))
        let body = Array(bytes[..<44])
        let checksum = CRC32C.checksum(of: body.span.bytes)
        #expect(bytes[44...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } == checksum)
    }

    @Test("a file with any bit flipped is refused with a remedy, and no epoch is started on it")
    func damaged() throws {
        let files = FaultyFileSystem()
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        let intact = try #require(files.contents("/log/identity"))
        for bit in 0..<(intact.count * 8) {
            var bytes = intact
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            files.setContents("/log/identity", bytes)
            let error = #expect(throws: InstallationError.self) {
                try InstallationIdentity.startEpoch(in: "/log", files: files, install: other)
            }
            #expect(error?.path == "/log/identity")
            #expect(
                error?.description
                    == "/log/identity: is damaged; frames in this directory can no longer be told from those of another "
                    + "box. Move the directory away, keep it for recovery, and start with an empty one")
            #expect(files.contents("/log/identity") == bytes)
        }
    }

    @Test(
        "a file that a later version wrote is refused with what to install, and left as it is",
        arguments: [
            ("FPIDENT2", [], "its identity has form 2, and 1 is known: install that version or a later one"),
            ("FPIDENT1", [0, 3, 0, 1, 0, 4, 0, 2], "it has format 3, and 0 is known: install 1.4.2 or a later one"),
            ("FPIDENT1", [1, 0], "it has format 256, and 0 is known: install that version or a later one"),
        ] as [(String, [UInt8], String)])
    func laterVersion(magic: String, format: [UInt8], advice: String) throws {
        let files = FaultyFileSystem()
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        var bytes = Array(try #require(files.contents("/log/identity")).dropLast(4))
        bytes.replaceSubrange(0..<8, with: Array(magic.utf8))
        bytes.replaceSubrange(32..<32 + format.count, with: format)
        let checksum = CRC32C.checksum(of: bytes.span.bytes)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * $0)) }
        files.setContents("/log/identity", bytes)
        let error = #expect(throws: InstallationError.self) {
            _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        }
        #expect(error?.isNewer == true)
        #expect(
            error?.description == "/log/identity: a newer version of this program wrote this directory; "
                + "\(advice), or use another directory; nothing was changed")
        #expect(files.contents("/log/identity") == bytes)
    }

    @Test("a file of the wrong length is refused", arguments: [0, 1, 47, 49])
    func wrongLength(count: Int) throws {
        let files = FaultyFileSystem()
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        let intact = try #require(files.contents("/log/identity"))
        files.setContents("/log/identity", Array((intact + [0]).prefix(count)))
        #expect(throws: InstallationError.self) { try InstallationIdentity.read(in: "/log", files: files) }
    }

    /// What a start that returned may count on: the epoch it got is never given again.
    @Test("a crash at any operation neither repeats an epoch nor damages the file")
    func crashes() throws {
        let operations = try operationsOfOneStart()
        for crashAt in 0..<operations {
            for survival in [SimulatedDisk.Survival.nothing, .everything] + (1...20).map({ .seeded($0) }) {
                let files = FaultyFileSystem()
                let before = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
                files.reboot(.nothing)
                files.plan(.crash, at: crashAt)
                #expect(throws: InstallationError.self) {
                    try InstallationIdentity.startEpoch(in: "/log", files: files, install: other)
                }
                files.reboot(survival)
                let after = try InstallationIdentity.startEpoch(in: "/log", files: files, install: other)
                #expect(after.install == install)
                #expect(after.epoch > before.epoch, "crash at \(crashAt), \(survival)")
            }
        }
    }

    @Test("an epoch that was given out is durable, whatever a power cut takes")
    func durable() throws {
        let files = FaultyFileSystem()
        var last: UInt64 = 0
        for seed in UInt64(0)..<30 {
            let epoch = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install).epoch
            #expect(epoch == last + 1)
            last = epoch
            files.reboot(seed % 2 == 0 ? .nothing : .seeded(seed))
        }
    }

    @Test("an error of the disk is passed on with its place, and the old identity stays")
    func diskError() throws {
        for operation in [FaultyFileSystem.Operation.write, .synchronize, .rename] {
            let files = FaultyFileSystem()
            let before = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
            files.setFailing(operation, true)
            let error = #expect(throws: InstallationError.self) {
                try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
            }
            #expect(error?.path.hasPrefix("/log/identity") == true)
            files.setFailing(operation, false)
            #expect(try InstallationIdentity.read(in: "/log", files: files) == before, "\(operation)")
        }
    }

    private func operationsOfOneStart() throws -> Int {
        let files = FaultyFileSystem()
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        files.reboot(.nothing)
        _ = try InstallationIdentity.startEpoch(in: "/log", files: files, install: install)
        return files.history.count
    }
}

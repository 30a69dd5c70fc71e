import Aggregation
import Foundation
import Frames
import Telemetry
import Testing

@testable import Reports

@Suite("MCAP recording")
struct MCAPTests {
    struct Contents: Decodable {
        struct Message: Decodable {
            var topic: String
            var time: Int64
            var data: String
        }

        var library: String
        var chunks: [String]
        var channels: [String: [String: String]]
        var messages: [Message]
        var attachments: [String: String]
        var metadata: [String: [String: String]]

        func data(_ topic: String) -> [String] { messages.filter { $0.topic == topic }.map(\.data) }
    }

    /// What another reader finds in the file.
    private func read(_ bytes: [UInt8]) throws -> Contents {
        let output = try PythonPeer.run("read_mcap.py", input: Data(bytes).base64EncodedString())
        return try JSONDecoder().decode(Contents.self, from: output)
    }

    private func record(
        _ summary: Summary, isCompressed: Bool = true, _ write: (inout RunRecording) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        final class Sink { var bytes: [UInt8] = [] }
        let sink = Sink()
        var recording = try RunRecording(of: summary, isCompressed: isCompressed) { sink.bytes += $0 }
        try write(&recording)
        try recording.finish()
        return sink.bytes
    }

    private static let force = Series("gripper.force", tags: [Tag("arm", "left 1")], unit: Unit("N") ?? .one)

    private func writeSome(_ recording: inout RunRecording) throws {
        let site = identifier("deqing")
        let agent = identifier("arm-07")
        let start = time("2026-11-03T08:20:00Z")
        let values: [(Series, Value, Quality)] = [
            (Self.force, .double(12.25), []), (Self.force, .integer(-3), [.outOfRange]),
            (Self.force, .double(.nan), []), (Self.force, .double(-.infinity), [.unreliable]),
            (Series("door", kind: .state), .boolean(true), []), (Series("mode", kind: .state), .text("抓取 \"x\"\0"), []),
        ]
        for (index, (series, value, quality)) in values.enumerated() {
            let time = start.advanced(byNanoseconds: Int64(index) * 1_000_000_001)
            try recording.write(value, quality, of: series, site: site, agent: agent, at: time)
        }
        try recording.write(
            Event(
                "estop.pressed", at: start.advanced(byNanoseconds: 5_000_000_000),
                attributes: [.init("by", .text("op")), .init("n", .integer(2)), .init("x", .double(.nan))]),
            site: site, agent: agent)
    }

    @Test("the bytes are what was reviewed")
    func golden() throws {
        let bytes = try record(.withoutRuns, isCompressed: false, writeSome)
        let url = Golden.fixtures.appending(path: "golden/recording.mcap")
        if ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] == "1" { try Data(bytes).write(to: url) }
        #expect(try Data(contentsOf: url) == Data(bytes))
    }

    @Test("another reader finds samples, events and markers in the order of time", arguments: [false, true])
    func contents(isCompressed: Bool) throws {
        let summary = Summary.refutedAtOneSite
        let file = try read(try record(summary, isCompressed: isCompressed, writeSome))
        #expect(file.library == "fieldproof 1.0.0")
        #expect(Set(file.chunks) == [isCompressed ? "zstd" : ""])
        #expect(
            file.data("/deqing/arm-07/gripper/force/arm_left_1") == [
                #"{"value":12.25}"#, #"{"value":-3,"quality":["out-of-range"]}"#,
                #"{"value":null,"quality":["not-finite"]}"#, #"{"value":null,"quality":["unreliable","not-finite"]}"#,
            ])
        #expect(file.data("/deqing/arm-07/door") == [#"{"value":true}"#])
        #expect(file.data("/deqing/arm-07/mode") == ["{\"value\":\"抓取 \\\"x\\\"\\u0000\"}"])
        #expect(
            file.data("/deqing/arm-07/events") == [
                #"{"name":"estop.pressed","attributes":{"by":"op","n":2,"x":null}}"#
            ])
        #expect(
            file.channels["/deqing/arm-07/gripper/force/arm_left_1 fieldproof.Number"]
                == [
                    "site": "deqing", "agent": "arm-07", "series": "gripper.force", "unit": "N", "kind": "gauge",
                    "tag.arm": "left 1",
                ])
        let ends = summary.ledger.reduce(0) { $0 + ($1.start == nil ? 0 : 1) + ($1.stop == nil ? 0 : 1) }
        #expect(file.data("/runs").count == ends && file.data("/log").count == ends + 1)
        #expect(file.data("/log").contains { $0.contains("estop.pressed by=op n=2 x=null") })
    }

    @Test("the summary is attached, and its digests stand beside it", arguments: SampleSummary.all)
    func attachment(_ sample: SampleSummary) throws {
        let file = try read(try record(sample.summary))
        let text = Report.text(sample.summary, format: .json)
        #expect(file.attachments == ["summary.json": text])
        let facts = try #require(file.metadata["fieldproof"])
        #expect(facts["summary"] == "sha256:\(FrameDigest(of: Array(text.utf8)))")
        #expect(facts["definition"] == sample.summary.scenario.digest)
        #expect(facts["verdict"] == sample.summary.verdict.rawValue)
    }

    @Test("a long recording comes in chunks of about a mebibyte, each handed on when it is full")
    func chunks() throws {
        final class Pieces { var sizes: [Int] = []; var bytes: [UInt8] = [] }
        let pieces = Pieces()
        var recording = try RunRecording(of: .proven, isCompressed: false) {
            pieces.sizes.append($0.count)
            pieces.bytes += $0
        }
        let start = time("2026-11-03T08:20:00Z")
        for number in 0..<30_000 {
            // Every hundred samples the clock goes back a little, as streams that are merged do.
            let shift = Int64(number / 100) * 100 + Int64(99 - number % 100)
            try recording.write(
                .double(Double(number)), [], of: Self.force, site: identifier("deqing"), agent: identifier("arm-07"),
                at: start.advanced(byNanoseconds: shift * 1_000_000))
        }
        try recording.finish()
        #expect(pieces.sizes.allSatisfy { $0 < MCAPWriter.chunkSize * 3 })
        let file = try read(pieces.bytes)
        #expect(file.chunks.count > 1)
        #expect(file.data("/deqing/arm-07/gripper/force/arm_left_1").count == 30_000)
    }

    @Test("a reader that checks finds a changed byte", arguments: [200, 4000, -40])
    func damage(_ place: Int) throws {
        var bytes = try record(.refutedAtOneSite, isCompressed: false, writeSome)
        bytes[place < 0 ? bytes.count + place : place] ^= 1
        #expect(throws: PythonPeer.Failure.self) { try read(bytes) }
    }

    @Test("the check value of CRC-32 is that of its catalogue")
    func crc() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
    }

    @Test("what the sink cannot take is told")
    func fullDisk() throws {
        struct Full: Error {}
        #expect(throws: Full.self) { try RunRecording(of: .proven) { _ in throw Full() } }
        var count = 0
        let recording = try RunRecording(of: .proven) { _ in
            count += 1
            if count > 1 { throw Full() }
        }
        #expect(throws: Full.self) { try recording.finish() }
    }
}

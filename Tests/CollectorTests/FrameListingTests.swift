import Collector
import Frames
import StorageSupport
import Telemetry
import Testing

@Suite("What 'decode' writes")
struct FrameListingTests {
    private static let noon: Int64 = 1_795_676_400

    /// One frame of these samples of series 0, defined in it where `definition` is given.
    private static func frame(_ samples: [(Int64, Value, Quality)], definition: Series? = nil, events: [Event] = [])
        throws
        -> [UInt8]
    {
        var batch = SampleBatch()
        for (second, value, quality) in samples {
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: 0), timestamp: Timestamp(seconds: second), value: value, quality: quality
                ))
        }
        let definitions = definition.map { [SeriesDefinition(id: SeriesID(rawValue: 0), series: $0)] } ?? []
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        _ = try encoder.encode(
            batch, FrameExtras(definitions: definitions, events: events), at: Sender().head, clock: Sender.clock,
            into: &bytes)
        return bytes
    }

    private static func listing(_ form: DecodedForm, _ frames: [UInt8]...) throws -> [String] {
        var lines: [String] = []
        var listing = FrameListing(form) { lines.append($0) }
        for frame in frames { try listing.add(frame) }
        return lines
    }

    private static let force = Series("force", tags: [Tag("arm", "left")], unit: .celsius)

    @Test("SenML, CSV and line protocol of one sample")
    func forms() throws {
        let frame = try Self.frame([(Self.noon, .double(12.5), [.outOfRange])], definition: Self.force)
        #expect(
            try Self.listing(.senml, frame)
                == [
                    "[{\"bn\":\"here/box/\",\"n\":\"force/arm:left\",\"t\":1795676400,\"u\":\"Cel\",\"v\":12.5,\"q\":\"out-of-range\"}]"
                ])
        #expect(
            try Self.listing(.csv, frame) == [
                "time,site,agent,series,value,unit,quality",
                "2026-11-26T07:00:00Z,here,box,\"force,arm=left\",12.5,Cel,out-of-range",
            ])
        #expect(
            try Self.listing(.line, frame)
                == ["force,site=here,agent=box,arm=left value=12.5 1795676400000000000"])
    }

    @Test("a clock that stands near 1970 gives SenML no time, which would be read as relative, and says why")
    func unsynchronised() throws {
        let frame = try Self.frame([(12, .integer(1), [])], definition: Self.force)
        #expect(
            try Self.listing(.senml, frame)
                == [
                    "[{\"bn\":\"here/box/\",\"n\":\"force/arm:left\",\"u\":\"Cel\",\"v\":1,\"q\":\"clock-unsynchronised\"}]"
                ])
        #expect(try Self.listing(.csv, frame).last?.hasPrefix("1970-01-01T00:00:12Z,") == true)
    }

    @Test("a value that JSON has no word for is left out, and said to be")
    func notFinite() throws {
        let frame = try Self.frame([(Self.noon, .double(.nan), [])], definition: Self.force)
        #expect(try Self.listing(.senml, frame).first?.hasSuffix("\"u\":\"Cel\",\"q\":\"not-finite\"}]") == true)
        #expect(try Self.listing(.csv, frame).last?.hasSuffix(",nan,Cel,") == true)
    }

    @Test(
        "a series is known by its number and without a unit until a frame has defined it, also for frames that come later"
    )
    func definitions() throws {
        let before = try Self.frame([(Self.noon, .integer(1), [])])
        let defining = try Self.frame([], definition: Self.force)
        #expect(
            try Self.listing(.csv, before, defining, before) == [
                "time,site,agent,series,value,unit,quality", "2026-11-26T07:00:00Z,here,box,series-0,1,,",
                "2026-11-26T07:00:00Z,here,box,\"force,arm=left\",1,Cel,",
            ])
        #expect(
            try Self.listing(.senml, before) == ["[{\"bn\":\"here/box/\",\"n\":\"series-0\",\"t\":1795676400,\"v\":1}]"]
        )
    }

    @Test("events stand among the samples")
    func events() throws {
        let event = Event(
            "estop.pressed", at: Timestamp(seconds: Self.noon), attributes: [.init("zone", .text("a \"b\""))])
        let frame = try Self.frame([], events: [event])
        #expect(
            try Self.listing(.csv, frame).last
                == "2026-11-26T07:00:00Z,here,box,estop.pressed,\"zone=a \"\"b\"\"\",,")
        #expect(
            try Self.listing(.line, frame)
                == ["event,site=here,agent=box name=\"estop.pressed\",zone=\"a \\\"b\\\"\" 1795676400000000000"])
    }

    @Test("bytes that are no frame are refused, and nothing of them is written")
    func refused() throws {
        let frame = try Self.frame([(Self.noon, .integer(1), [])])
        var lines: [String] = []
        var listing = FrameListing(.line) { lines.append($0) }
        for bytes in [[], Array(frame.dropLast()), Array("online".utf8)] {
            #expect(throws: FrameError.self) { try listing.add(bytes) }
        }
        #expect(lines.isEmpty)
    }
}

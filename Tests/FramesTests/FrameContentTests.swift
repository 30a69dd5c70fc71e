import Checksums
import Frames
import Telemetry
import Testing

@Suite("What a frame carries besides samples")
struct FrameContentTests {
    @Test("definitions, events and losses come back as they were")
    func extras() throws {
        let frame = try Frame(decoding: try ReferenceFrame.bytes())
        #expect(frame.extras.definitions == ReferenceFrame.extras.definitions)
        #expect(frame.extras.losses == ReferenceFrame.extras.losses)
        let (event, expected) = (try #require(frame.extras.events.first), ReferenceFrame.extras.events[0])
        #expect(event.name == expected.name && event.timestamp == expected.timestamp)
        #expect(event.attributes.map(\.key) == expected.attributes.map(\.key))
        for (read, written) in zip(event.attributes, expected.attributes) {
            #expect(read.value.isIdentical(to: written.value))
        }
    }

    @Test("an attribute keeps every double in the fewest bytes that hold it", arguments: BatchGenerator.specialDoubles)
    func floats(_ number: Double) throws {
        let event = Event("e", at: Timestamp(seconds: 0), attributes: [.init("v", .double(number))])
        let frame = try Frame(decoding: try Example.frame([], FrameExtras(events: [event])))
        #expect(frame.extras.events[0]["v"]?.isIdentical(to: .double(number)) == true)
    }

    @Test("every binary16 number is read back, and written as one")
    func halfPrecision() throws {
        let empty = try Example.frame([]).count
        for start in stride(from: 0, to: 1 << 16, by: 1024) {
            let numbers = (start..<(start + 1024)).map { Double(Float16(bitPattern: UInt16($0))) }.filter { !$0.isNaN }
            let events = numbers.map { Event("e", at: Timestamp(seconds: 0), attributes: [.init("v", .double($0))]) }
            let bytes = try Example.frame([], FrameExtras(events: events))
            let read = try Frame(decoding: bytes).extras.events.compactMap { $0["v"] }
            #expect(zip(read, numbers).allSatisfy { $0.isIdentical(to: .double($1)) } && read.count == numbers.count)
            // An event takes ten bytes, three of them the number; two counts take two more than in an empty frame.
            if !events.isEmpty { #expect(bytes.count <= empty + 4 + 10 * events.count) }
        }
    }

    @Test("the header says what the frame is, and can be read alone")
    func header() throws {
        let bytes = try ReferenceFrame.bytes()
        let header = try FrameHeader.peek(bytes)
        #expect(header.stream == Example.head.stream && header.clock == Example.clock && header.previous == .none)
        #expect(header.sampleCount == ReferenceFrame.samples.count + 1, "an event has an ordinal too")
        #expect(header.ordinals == 1...UInt64(header.sampleCount))
        #expect(try Frame(decoding: bytes).header == header)
        var damaged = bytes
        damaged[bytes.count - 1] ^= 1
        #expect(throws: FrameError.self) { try FrameHeader.peek(damaged) }
        #expect(try FrameHeader.peek(damaged, verifyingChecksum: false) == header)
    }

    @Test("a stream's frames count on without gaps, and each names the one before by its digest")
    func chain() throws {
        var head = Example.head
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        var previous = ChainLink.none
        var ordinal: UInt64 = 1
        for sequence in UInt64(1)...4 {
            let batch = try Example.batch(Array(ReferenceFrame.samples.prefix(Int(sequence))))
            let header = try encoder.encode(batch, at: head, clock: Example.clock, into: &bytes)
            #expect(header.sequence == sequence && header.firstOrdinal == ordinal && header.previous == previous)
            #expect(try FrameHeader.peek(bytes) == header)
            ordinal += sequence
            let digest = FrameDigest(of: bytes)
            head.advance(past: header, digest: digest)
            previous = digest.link
        }
    }

    @Test("a digest is SHA-256, and a link its first half")
    func digest() throws {
        // FIPS 180-4's examples, as published by NIST.
        let digest = FrameDigest(of: Array("abc".utf8))
        #expect(digest.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(FrameDigest(of: []).description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest.link.description == "ba7816bf8f01cfea414140de5dae2223")
        #expect(FrameDigest(bytes: digest.bytes) == digest)
        #expect(FrameDigest(bytes: digest.bytes.dropLast()) == nil)
    }

    @Test("the checksum is CRC-32C, in one piece or several")
    func checksum() {
        func checksum(_ bytes: [UInt8], _ before: UInt32 = 0) -> UInt32 {
            bytes.withUnsafeBytes { CRC32C.checksum(of: $0, continuing: before) }
        }
        // RFC 3720, appendix B.4, and the usual check value.
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0...31)) == 0x46DD_794E)
        for cut in 0...9 {
            let text = Array("123456789".utf8)
            #expect(checksum(Array(text[cut...]), checksum(Array(text[..<cut]))) == 0xE306_9283)
        }
    }

    @Test("what no reader would accept is not written")
    func invalidContent() throws {
        func code(_ extras: FrameExtras) -> FrameError.Code? {
            #expect(throws: FrameError.self) { try Example.frame([], extras) }?.code
        }
        func loss(_ sequences: ClosedRange<UInt64>, _ samples: LostSamples = .none) -> FrameExtras {
            FrameExtras(losses: [
                LossDeclaration(epoch: 1, priority: .bulk, sequences: sequences, samples: samples, reason: .evicted)
            ])
        }
        #expect(code(loss(0...1)) == .invalid)
        #expect(code(loss(1...UInt64.max)) == .invalid)
        #expect(code(loss(1...2, .ordinals(0...1))) == .invalid)
        let tags = (0...FrameLimits.tags).map { Tag("k\($0)", "v") }
        #expect(
            code(
                FrameExtras(definitions: [SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("s", tags: tags))])
            )
                == .invalid)
        let long = String(repeating: "x", count: FrameLimits.textBytes + 1)
        #expect(code(FrameExtras(events: [Event(long, at: Timestamp(seconds: 0))])) == .textTooLong)
        let events = (0..<40).map { _ in
            Event("e", at: Timestamp(seconds: 0), attributes: [.init("text", .text(String(long.dropLast())))])
        }
        #expect(code(FrameExtras(events: events)) == .tooLarge)
        let many = Array(repeating: Event("e", at: Timestamp(seconds: 0)), count: FrameLimits.samples + 1)
        #expect(code(FrameExtras(events: many)) == .tooLarge)
    }
}

import Delivery
import Frames
import Installation
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("What the spool numbers")
struct SpoolNumberingTests {
    @Test("frames count 1, 2, 3 in each class for itself, and samples go on counting from frame to frame")
    func counts() throws {
        let box = Box()
        var spool = try box.open()
        let sizes = [3, 1, 0, 5]
        for size in sizes {
            for priority in PriorityClass.allCases { try spool.store(.noise(size), as: priority) }
        }
        try spool.synchronize()
        for priority in PriorityClass.allCases {
            let headers = try spool.headers(of: priority)
            #expect(headers.map(\.sequence) == [1, 2, 3, 4])
            #expect(headers.map(\.firstOrdinal) == [1, 4, 5, 5])
            #expect(headers.map(\.sampleCount) == sizes)
            #expect(headers.map(\.ordinals) == [1...3, 4...4, nil, 5...9])
            #expect(Set(headers.map(\.stream.priority)) == [priority])
        }
    }

    @Test("what store returns is what the frame on disk says")
    func returned() throws {
        let box = Box()
        var spool = try box.open()
        var told: [FrameHeader] = []
        for size in 1...4 {
            box.clock.advance(seconds: 1)
            told.append(try spool.store(.noise(size), as: .metric))
        }
        try spool.synchronize()
        #expect(try spool.headers(of: .metric) == told)
        #expect(told.map(\.clock.sinceBoot) == [1_000_000_000, 2_000_000_000, 3_000_000_000, 4_000_000_000])
    }

    @Test("each frame names the one before it in its stream by the first 16 bytes of its SHA-256")
    func chain() throws {
        let box = Box()
        var spool = try box.open()
        // Interleaved, so that a chain across classes would show.
        for size in 1...4 {
            for priority in PriorityClass.allCases { try spool.store(.noise(size), as: priority) }
        }
        try spool.synchronize()
        for priority in PriorityClass.allCases {
            var previous = ChainLink.none
            for frame in try spool.frames(of: priority) {
                #expect(try FrameHeader.peek(frame).previous == previous)
                let digest = FrameDigest(of: frame).bytes
                previous = ChainLink(try #require(UUIDBytes(bytes: digest.prefix(16))))
            }
        }
    }

    @Test("the stream is that of the site, the agent, the install and the start")
    func stream() throws {
        let box = Box()
        var spool = try box.open(site: "plant-3", agent: "arm-07")
        let header = try spool.store(.noise(1), as: .bulk)
        #expect(
            header.stream
                == Stream(
                    site: .named("plant-3"), agent: .named("arm-07"), install: Box.install, epoch: 1, priority: .bulk))
    }

    @Test("every start is a new epoch that counts from 1 again, with no frame before its first")
    func epochs() throws {
        let box = Box()
        for epoch in UInt64(1)...3 {
            var spool = try box.open()
            let identity = spool.identity
            #expect(identity.epoch == epoch)
            #expect(identity.install == Box.install)
            let header = try spool.store(.noise(2), as: .metric)
            #expect(header.stream.epoch == epoch)
            #expect(header.sequence == 1)
            #expect(header.firstOrdinal == 1)
            #expect(header.previous == ChainLink.none)
            try spool.close()
        }
        var spool = try box.open()
        #expect(try spool.headers(of: .metric).map(\.stream.epoch) == [1, 2, 3], "and the earlier ones still wait")
    }

    @Test("a batch that is not stored leaves no gap in the numbers")
    func refusedFrame() throws {
        let box = Box()
        var spool = try box.open()
        try spool.store(.noise(1), as: .metric)
        // More than a segment of 8 KiB can ever hold.
        let error = #expect(throws: AgentError.self) { try spool.store(.noise(2000), as: .metric) }
        #expect(error?.code == .spool)
        let next = try spool.store(.noise(1), as: .metric)
        #expect(next.sequence == 2)
        #expect(next.firstOrdinal == 2)
        try spool.synchronize()
        #expect(try spool.headers(of: .metric).map(\.sequence) == [1, 2])
    }

    @Test("the ends of the streams are the last word of the epoch, and count themselves")
    func ends() throws {
        let box = Box()
        var spool = try box.open()
        try spool.store(.noise(5), as: .metric)
        try spool.store(.noise(2), as: .metric)
        try spool.store(.noise(3), as: .event)
        try spool.storeEnds(at: Timestamp(seconds: 9))
        try spool.synchronize()
        let last = try Frame(decoding: try #require(try spool.frames(of: .event).last))
        #expect(
            last.extras.events.compactMap(StreamEnd.init) == [
                StreamEnd(priority: .event, epoch: 1, frames: 2, samples: 6),
                StreamEnd(priority: .metric, epoch: 1, frames: 2, samples: 7),
                StreamEnd(priority: .bulk, epoch: 1, frames: 0, samples: 0),
            ])
        #expect(last.header.sequence == 2)
        #expect(last.header.ordinals == 4...6)
    }

    @Test("the age of a class is that of its oldest frame that waits")
    func oldest() throws {
        let box = Box()
        var spool = try box.open()
        let none = spool.oldest(.metric)
        #expect(none == nil)
        var walls: [Timestamp] = []
        for _ in 0..<3 {
            box.clock.advance(seconds: 1)
            walls.append(box.clock.reading.wall)
            try spool.store(.noise(1), as: .metric)
        }
        let unsynchronized = spool.oldest(.metric)
        #expect(unsynchronized == nil, "what is not durable is nobody's to see")
        try spool.synchronize()
        let first = spool.oldest(.metric)
        #expect(first == walls[0])
        spool.release(through: 2, of: .metric)
        let third = spool.oldest(.metric)
        #expect(third == walls[2])
        spool.release(through: 3, of: .metric)
        let last = spool.oldest(.metric)
        #expect(last == nil)
    }
}

import Aggregation
import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("What a stream may hold beyond what came of it")
struct StreamTailsTests {
    private static let install = UUIDBytes(high: 1, low: 1)

    private static func stream(epoch: UInt64 = 1, install: UUIDBytes = install) -> Frames.Stream {
        Frames.Stream(site: .named("here"), agent: .named("box"), install: install, epoch: epoch, priority: .metric)
    }

    /// Frames of ten samples with these numbers, of seconds 100 to 200.
    private static func state(_ numbers: ClosedRange<UInt64>, seconds: ClosedRange<Int64> = 100...200) -> StoredStream {
        var state = StoredStream(
            times: Timestamp(seconds: seconds.lowerBound)...Timestamp(seconds: seconds.upperBound))
        for number in numbers { state.ledger.admit(sequence: number, firstOrdinal: number * 10 - 9, samples: 10) }
        return state
    }

    private static func reaches(_ state: StoredStream, _ seconds: ClosedRange<Int64>, successor: StoredStream? = nil)
        throws -> Bool
    {
        var ledgers = StoredLedgers()
        ledgers.streams[stream()] = state
        if let successor { ledgers.streams[stream(epoch: 2)] = successor }
        let period = Summary.Period(
            from: Timestamp(seconds: seconds.lowerBound), to: Timestamp(seconds: seconds.upperBound))
        return StreamTails(ledgers).mayReach(period, stream(), state, try #require(state.times))
    }

    @Test("a whole stream concerns its own time and no other")
    func whole() throws {
        var state = Self.state(1...5)
        state.ledger.noteEnd(.init(frames: 5, samples: 50))
        #expect(try Self.reaches(state, 150...160))
        #expect(try !Self.reaches(state, 10...99))
        #expect(try !Self.reaches(state, 201...300))
    }

    @Test("a stream that has not ended concerns the day after its agent was heard of last")
    func open() throws {
        #expect(try Self.reaches(Self.state(1...5), 201...300))
        #expect(try Self.reaches(Self.state(1...5), 86_599...90_000))
        #expect(try !Self.reaches(Self.state(1...5), 86_601...90_000))
        #expect(try !Self.reaches(Self.state(1...5), 10...99))
    }

    @Test("frames that are missing before all that came may be of any earlier time")
    func before() throws {
        var state = Self.state(2...5)
        state.ledger.noteEnd(.init(frames: 5, samples: 50))
        #expect(try Self.reaches(state, 10...99))
        #expect(try !Self.reaches(state, 201...300))
    }

    @Test("frames that are missing or declared lost behind all that came may be of any later time")
    func behind() throws {
        var declared = Self.state(1...5)
        declared.ledger.declareLost(sequences: 6...7, ordinals: nil, isCounted: false)
        #expect(try Self.reaches(declared, 900...999))
        var ended = Self.state(1...5)
        ended.ledger.noteEnd(.init(frames: 7, samples: 70))
        #expect(try Self.reaches(ended, 900...999))
        #expect(try !Self.reaches(ended, 10...99))
    }

    @Test("a crash may have taken what was measured within a sync window behind the last sample")
    func crash() throws {
        let next = Self.state(1...1, seconds: 300...300)
        #expect(try Self.reaches(Self.state(1...5), 230...299, successor: next))
        #expect(try !Self.reaches(Self.state(1...5), 270...299, successor: next))
    }

    @Test("a later start, or a later installation under the same id, leaves an end without a word unproven")
    func tails() {
        let state = Self.state(1...5)
        var ended = state
        ended.ledger.noteEnd(.init(frames: 5, samples: 50))
        let later = Self.state(1...1, seconds: 300...300)
        let other = UUIDBytes(high: 2, low: 2)
        for (others, tail) in [
            ([:], .open), ([Self.stream(epoch: 2): later], .unproven),
            ([Self.stream(install: other): later], .unproven),
            ([Self.stream(install: other): Self.state(1...1, seconds: 5...6)], .open),
        ] as [([Frames.Stream: StoredStream], Summary.StreamTail)] {
            var ledgers = StoredLedgers()
            ledgers.streams = others
            ledgers.streams[Self.stream()] = state
            #expect(StreamTails(ledgers).tail(of: Self.stream(), state) == tail)
            #expect(StreamTails(ledgers).tail(of: Self.stream(), ended) == .proven)
        }
    }
}

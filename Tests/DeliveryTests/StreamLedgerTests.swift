import Delivery
import Testing

@Suite struct StreamLedgerTests {
    @Test("a hole tells exactly how many samples it held")
    func hole() {
        var ledger = StreamLedger()
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        ledger.admit(sequence: 4, firstOrdinal: 31, samples: 5)
        #expect(ledger.through == 1)
        #expect(ledger.missing == [2...3])
        #expect(ledger.acceptedCount == 35)
        #expect(ledger.deliveredCount == 15)
        #expect(ledger.missingCount == 20)
        ledger.declareLost(sequences: 2...2, ordinals: 11...22)
        #expect(ledger.missing == [3...3])
        #expect(ledger.lostCount == 12)
        #expect(ledger.missingCount == 8)
    }

    @Test("a frame that was declared lost and arrives after all is delivered, not lost")
    func lateArrival() {
        var ledger = StreamLedger()
        ledger.declareLost(sequences: 1...2, ordinals: 1...20)
        ledger.admit(sequence: 2, firstOrdinal: 11, samples: 10)
        #expect(ledger.lostCount == 10)
        #expect(ledger.deliveredCount == 10)
        #expect(ledger.missing.isEmpty)
    }

    @Test("frames declared lost without their samples are counted by what lies between their neighbours")
    func declaredWithoutSamples() {
        var ledger = StreamLedger()
        ledger.declareLost(sequences: 3...4, ordinals: nil)
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        #expect(ledger.lostCount == 0, "nobody knows yet what they held")
        ledger.admit(sequence: 5, firstOrdinal: 41, samples: 5)
        #expect(ledger.missing == [2...2])
        #expect(ledger.lostCount == 0, "some of it may still come")
        #expect(ledger.missingCount == 30)
        ledger.admit(sequence: 2, firstOrdinal: 11, samples: 10)
        #expect(ledger.missing.isEmpty)
        #expect(ledger.lostCount == 20)
        #expect(ledger.missingCount == 0)
        #expect(ledger.acceptedCount == 45)
    }

    @Test("frames declared lost at the end, of which nobody knows what they held, are told of as such")
    func uncounted() {
        var ledger = StreamLedger()
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        ledger.declareLost(sequences: 2...4, ordinals: nil, isCounted: false)
        #expect(ledger.lostCount == 0)
        #expect(ledger.uncountedFrames == 3)
        ledger.admit(sequence: 3, firstOrdinal: 21, samples: 10)
        #expect(ledger.lostCount == 10)
        #expect(ledger.uncountedFrames == 1)
        ledger.noteEnd(.init(frames: 4, samples: 44))
        #expect(ledger.lostCount == 24)
        #expect(ledger.uncountedFrames == 0)
    }

    @Test("where a stream ends is known when its agent has said so: then nothing behind is missing in silence")
    func end() {
        var ledger = StreamLedger()
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        #expect(!ledger.hasProvenEnd)
        ledger.noteEnd(.init(frames: 3, samples: 25))
        #expect(ledger.hasProvenEnd)
        #expect(ledger.missing == [2...3])
        #expect(ledger.acceptedCount == 25)
        #expect(ledger.missingCount == 15)
        ledger.declareLost(sequences: 2...3, ordinals: nil)
        #expect(ledger.missing.isEmpty)
        #expect(ledger.lostCount == 15)
    }

    @Test("a stream of which nothing came but its end is missing as a whole")
    func onlyTheEnd() {
        var ledger = StreamLedger()
        ledger.noteEnd(.init(frames: 3, samples: 25))
        #expect(ledger.missing == [1...3])
        #expect(ledger.missingCount == 25)
        ledger.declareLost(sequences: 1...3, ordinals: nil)
        #expect(ledger.lostCount == 25)
    }

    @Test("an end that frames go beyond proves nothing")
    func falseEnd() {
        var ledger = StreamLedger()
        ledger.noteEnd(.init(frames: 1, samples: 10))
        ledger.admit(sequence: 2, firstOrdinal: 11, samples: 10)
        #expect(!ledger.hasProvenEnd)
        #expect(ledger.acceptedCount == 20)
        #expect(ledger.missing == [1...1])
    }

    @Test("a frame that contradicts the others changes nothing")
    func contradiction() {
        var ledger = StreamLedger()
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        let before = ledger
        #expect(ledger.admit(sequence: 2, firstOrdinal: 10, samples: 1) == .contradiction)
        #expect(ledger == before)
    }

    @Test("a frame counts once however often it comes, and frames without samples count none")
    func duplicates() {
        var ledger = StreamLedger()
        let admitted = [(1, 0), (2, 3), (2, 3)].map { frame in
            ledger.admit(sequence: frame.0, firstOrdinal: 1, samples: frame.1)
        }
        #expect(admitted == [.inserted, .inserted, .present])
        #expect(ledger.duplicates == 1)
        #expect(ledger.deliveredCount == 3)
        #expect(ledger.acceptedCount == 3)
    }

    @Test("accepted = delivered + lost + missing, whatever the order", arguments: 0..<60 as Range<UInt64>)
    func conservation(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var ordinal: UInt64 = 1
        let frames: [(sequence: UInt64, first: UInt64, samples: UInt64)] = (1...40).map { sequence in
            defer { ordinal += UInt64(sequence % 5) }
            return (UInt64(sequence), ordinal, UInt64(sequence % 5))
        }
        let fate = frames.map { _ in random.next() % 4 }
        var reference: StreamLedger?
        for _ in 0..<3 {
            var ledger = StreamLedger()
            for index in frames.indices.shuffled(using: &random) {
                let frame = frames[index]
                switch fate[index] {
                case 0:
                    let ordinals = frame.samples == 0 ? nil : frame.first...(frame.first + frame.samples - 1)
                    ledger.declareLost(sequences: frame.sequence...frame.sequence, ordinals: ordinals)
                case 1: break
                default: ledger.admit(sequence: frame.sequence, firstOrdinal: frame.first, samples: frame.samples)
                }
                #expect(
                    ledger.acceptedCount == ledger.deliveredCount + ledger.lostCount + ledger.missingCount,
                    "seed \(seed)")
            }
            if let reference { #expect(ledger == reference, "seed \(seed): the order mattered") }
            reference = ledger
        }
    }
}

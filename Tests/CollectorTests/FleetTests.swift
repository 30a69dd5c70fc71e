import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("What is known of agents")
struct FleetTests {
    private static let second: Int64 = 1_000_000_000
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let box = AgentWatch.Agent(site: .named("lab"), agent: .named("box"))
    private static let install = UUIDBytes(high: 1, low: 2)

    private static func pulse(_ frames: UInt64 = 0) -> Pulse {
        Pulse(
            time: now, install: install, epoch: 3, uptime: 5, pending: [.init(), .init(frames: frames), .init()],
            usedBytes: 1, freeBytes: 2, evictedFrames: 0, evictedSamples: 0, rejected: 0,
            clock: ClockState(isSynchronised: true, maximumError: 5000))
    }

    private static let meta = Array(
        """
        {"version":"0.1.0","install":"\(install)","epoch":2,"clock":{"synchronised":false,"error_s":16.0},
        "certificate_expires":"2027-01-01T00:00:00Z","commands":["drain","rm -rf","diagnose"],"series":[{"name":"a"}]}
        """.utf8)

    @Test("is taken from meta and pulse, and kept to the bit")
    func knowledge() throws {
        var known = AgentKnowledge()
        try known.note(meta: Self.meta)
        #expect(known.version == "0.1.0" && known.install == Self.install && known.epoch == 2)
        #expect(known.clock == ClockState(isSynchronised: false, maximumError: 16 * Self.second))
        #expect(known.certificateExpires == Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
        #expect(known.commands == ["diagnose", "drain"], "what is no command of ours is none")
        known.note(Self.pulse(7))
        #expect(known.epoch == 3 && known.clock?.isSynchronised == true && known.pulse?.pendingFrames == 7)
        (known.heard, known.isOnline, known.since) = (Self.now, false, Self.now)
        #expect(AgentKnowledge(stored: known.stored) == known)
        #expect(AgentKnowledge(stored: AgentKnowledge().stored) == AgentKnowledge())
        for damage in ["", "[]", "{", "7"] { #expect(AgentKnowledge(stored: damage) == nil) }
    }

    @Test(
        "is not changed by a document that is none",
        arguments: ["", "7", "[]", #"{"version":"#, "{\"version\":\"\(String(repeating: "x", count: 65))\"}"])
    func hostile(document: String) throws {
        var known = AgentKnowledge()
        try? known.note(meta: Array(document.utf8))
        #expect(known == AgentKnowledge())
    }

    @Test("is written down within a second of news, within fifteen of a frame, and once a minute in any case")
    func saving() throws {
        var book = FleetBook([])
        #expect(book.dueAt == .min, "that the collector lives is news")
        #expect(book.rows(Self.now).map(\.agent) == [.named("collector")])
        book.saved(at: 0)
        #expect(book.dueAt == 60 * Self.second)
        book.hear(Self.box, at: 1, Self.now)
        #expect(book.dueAt == 1 + 15 * Self.second)
        book.note(isOnline: true, of: Self.box, isRetained: true, at: 5, Self.now)
        #expect(book.dueAt == 5 + Self.second)
        let rows = book.rows(Self.now)
        #expect(rows.map(\.agent) == [.named("box"), .named("collector")])
        book.saved(at: 10)
        #expect(book.rows(Self.now).count == 1)
        #expect(FleetBook(rows).agents == book.agents, "another start knows as much")
        book.note(isOnline: true, of: Self.box, isRetained: true, at: 20, Self.now.advanced(byNanoseconds: 9))
        #expect(book.dueAt == 10 + 60 * Self.second, "what was known is no news")
    }

    @Test("tells what the broker kept from what was heard")
    func retained() throws {
        var book = FleetBook([])
        book.note(isOnline: true, of: Self.box, isRetained: true, at: 0, Self.now)
        try book.note(meta: Self.meta, of: Self.box, isRetained: true, at: 0, Self.now)
        try book.note(pulse: Self.pulse().json, of: Self.box, isRetained: true, at: 0, Self.now)
        #expect(book.agents[Self.box]?.heard == nil)
        try book.note(pulse: Self.pulse().json, of: Self.box, isRetained: false, at: 0, Self.now)
        #expect(book.agents[Self.box]?.heard == Self.now)
        let later = Self.now.advanced(byNanoseconds: 5)
        book.note(isOnline: false, of: Self.box, isRetained: false, at: 0, later)
        book.note(isOnline: false, of: Self.box, isRetained: true, at: 0, later.advanced(byNanoseconds: 5))
        #expect(book.agents[Self.box]?.since == later, "since when, and not when it was said again")
        #expect(throws: DeliveryError.self) {
            try book.note(pulse: [0xFF], of: Self.box, isRetained: false, at: 0, Self.now)
        }
    }

    @Test("has a bound on made-up names")
    func bound() {
        var book = FleetBook([])
        for number in 0..<(FleetBook.most + 10) {
            book.note(
                isOnline: true, of: .init(site: .named("s"), agent: .named("a\(number)")), isRetained: false, at: 0,
                Self.now)
        }
        #expect(book.agents.count == FleetBook.most)
        book.note(isOnline: true, of: FleetBook.collector, isRetained: false, at: 0, Self.now)
        #expect(book.agents[FleetBook.collector] == nil)
    }

    @Test("when full gives the row of the one that is gone and was unheard longest to who comes")
    func gone() {
        var book = FleetBook([])
        for number in 0..<FleetBook.most {
            book.note(
                isOnline: number % 2 == 0, of: .init(site: .named("s"), agent: .named("a\(number)")), isRetained: false,
                at: 0, Self.now.advanced(byNanoseconds: Int64(number) * Self.second))
        }
        book.saved(at: 0)
        book.hear(Self.box, at: Self.second, Self.now)
        #expect(book.agents[Self.box] == nil, "all others may come back")
        let later = Self.now.advanced(byNanoseconds: 40 * 86_400 * Self.second)
        book.hear(Self.box, at: 61 * Self.second, later)
        #expect(book.agents[Self.box]?.heard == later && book.agents.count == FleetBook.most)
        let first = AgentWatch.Agent(site: .named("s"), agent: .named("a1"))
        #expect(book.agents[first] == nil, "a0 is older, and the broker calls it online")
        #expect(book.rows(later).contains { $0.agent == first.agent && $0.state == nil }, "the store forgets it, too")
    }

    @Test(
        "says whether an agent is there",
        arguments: [
            (true, 10, true, true, .online), (true, 179, true, true, .online), (true, 180, true, true, .silent),
            (true, 100_000, false, true, .online), (true, 10, true, false, .unknown), (false, 10, true, true, .offline),
            (false, 10, true, false, .offline), (nil, 10, false, true, .online), (nil, 500, false, true, .unknown),
            (nil, nil, false, true, .gone), (false, 31 * 86_400, true, true, .gone),
            (true, 31 * 86_400, true, true, .silent),
        ] as [(Bool?, Int64?, Bool, Bool, FleetView.Standing)])
    func standing(online: Bool?, silent: Int64?, hasPulse: Bool, isCurrent: Bool, expected: FleetView.Standing) {
        var known = AgentKnowledge()
        known.isOnline = online
        if hasPulse { known.note(Self.pulse()) }
        let seen = silent.map { Self.now.advanced(byNanoseconds: -$0 * Self.second) }
        #expect(FleetView.standing(known, seen, isCurrent: isCurrent, Self.now) == expected)
    }

    @Test("says what needs somebody")
    func troubled() {
        func row(_ standing: FleetView.Standing, expires: Int64? = nil, lost: Bool = false, holes: UInt64 = 0)
            -> FleetView.Row
        {
            var known = AgentKnowledge()
            known.certificateExpires = expires.map { Self.now.advanced(byNanoseconds: $0 * Self.second) }
            var account = LossAccount()
            if lost {
                var ledger = StreamLedger()
                ledger.declareLost(sequences: 1...1, ordinals: 1...1)
                account.add(ledger, [])
            }
            return FleetView.Row(
                agent: Self.box, standing: standing, known: known, seen: nil, lost: account,
                holes: .init(frames: holes, samples: 0))
        }
        let cases: [(FleetView.Row, Bool)] = [
            (row(.online), false), (row(.silent), true), (row(.offline), true), (row(.unknown), true),
            (row(.gone, lost: true), false), (row(.online, lost: true), true), (row(.online, holes: 1), true),
            (row(.online, expires: 99), true), (row(.online, expires: 101), false), (row(.online, expires: -9), true),
        ]
        for (row, expected) in cases {
            #expect(
                row.isTroubled(at: Self.now, expiringWithin: 100 * Self.second) == expected,
                "\(row.standing), \(row.lost), \(row.holes)")
        }
    }

    @Test("losses are told by their reasons, once each, and without what arrived after all")
    func losses() throws {
        let stream = Frames.Stream(
            site: Self.box.site, agent: Self.box.agent, install: Self.install, epoch: 1, priority: .metric)
        var ledger = StreamLedger()
        ledger.admit(sequence: 1, firstOrdinal: 1, samples: 10)
        // 2 evicted, 3 evicted and unavailable, 4 unavailable and not counted, 5 there after all.
        ledger.declareLost(sequences: 2...3, ordinals: 11...30)
        ledger.declareLost(sequences: 3...4, ordinals: nil, isCounted: false)
        ledger.declareLost(sequences: 5...5, ordinals: 38...40)
        ledger.admit(sequence: 5, firstOrdinal: 38, samples: 3)
        let rows = [
            StoredLoss(stream, .unavailable, frames: IntervalSet([3...4]), samples: IntervalSet()),
            StoredLoss(stream, .evicted, frames: IntervalSet([2...3]), samples: IntervalSet([11...30])),
            StoredLoss(stream, .corrupt, frames: IntervalSet([5...5]), samples: IntervalSet([38...40])),
        ]
        var account = LossAccount()
        account.add(ledger, rows)
        #expect(
            account.reasons == [
                .evicted: .init(frames: 2, samples: 20), .unavailable: .init(frames: 1, samples: 7),
            ])
        #expect(account.total.samples == ledger.lostCount)
        var older = LossAccount()
        older.add(ledger, [])
        #expect(older.reasons == [nil: .init(frames: 3, samples: 27)], "of a store from before reasons were kept")
    }

    @Test("a view joins what was heard with what the archive says")
    func view() throws {
        let store = ModelStore()
        let stream = Frames.Stream(
            site: Self.box.site, agent: Self.box.agent, install: Self.install, epoch: 1, priority: .metric)
        var state = StoredStream()
        state.ledger.admit(sequence: 3, firstOrdinal: 21, samples: 5)
        var intake = StoredIntake(of: UUIDBytes(high: 7, low: 7))
        intake.streams[stream] = state
        try store.commit(intake)
        var known = AgentKnowledge()
        known.isOnline = true
        known.heard = Self.now
        let other = AgentWatch.Agent(site: .named("yard"), agent: .named("cart"))
        let beat = CollectorBeat(time: Self.now, isConnected: true, version: "1")
        try store.save([
            StoredAgent(site: other.site, agent: other.agent, state: known.stored),
            StoredAgent(site: .named("collector"), agent: .named("collector"), state: beat.stored),
        ])
        let view = try FleetView(store, at: Self.now)
        #expect(view.isCurrent && view.rows.map(\.agent) == [Self.box, other])
        #expect(view.rows[0].holes == .init(frames: 2, samples: 20))
        #expect(view.rows.map(\.standing) == [.gone, .online])
        #expect(try FleetView(store, site: .named("yard"), at: Self.now).rows.map(\.agent) == [other])
        let later = Self.now.advanced(byNanoseconds: 200 * Self.second)
        #expect(try !FleetView(store, at: later).isCurrent)
        #expect(try FleetView(store, at: later).rows[1].standing == .unknown)
    }

    @Test("what a box claims in ever more starts is counted up to the greatest number there is, and stops nobody")
    func claims() throws {
        let greatest: UInt64 = 1 << 53
        var lacking = StreamLedger()
        lacking.admit(sequence: greatest, firstOrdinal: greatest, samples: 1)
        var losing = StreamLedger()
        losing.declareLost(sequences: 1...greatest, ordinals: 1...greatest)
        var figures = CollectorFigures.Agent()
        var account = LossAccount()
        var intake = StoredIntake(of: UUIDBytes(high: 7, low: 7))
        for epoch in UInt64(1)...2060 {
            figures.add(lacking)
            figures.add(losing)
            account.add(losing, [])
            let stream = Frames.Stream(
                site: Self.box.site, agent: Self.box.agent, install: Self.install, epoch: epoch, priority: .metric)
            var state = StoredStream()
            state.ledger = lacking
            intake.streams[stream] = state
        }
        #expect(figures.missingFrames == .max && figures.lostSamples == .max)
        #expect(account.total == .init(frames: .max, samples: .max))
        let agents = (0...CollectorFigures.mostAgents + 1).map { number in
            (AgentWatch.Agent(site: .named("s"), agent: .named("a\(number)")), figures)
        }
        let others = CollectorFigures.bounded(Dictionary(uniqueKeysWithValues: agents)).others
        #expect(others?.missingFrames == .max)
        let store = ModelStore()
        try store.commit(intake)
        #expect(try FleetView(store, at: Self.now).rows.first?.holes == .init(frames: .max, samples: .max))
    }

    @Test("reasons of losses come from declarations in the archive, and a store made anew has the same")
    func archived() throws {
        let files = FaultyFileSystem(seed: 1)
        let store = ModelStore()
        var archive = try Archive.open("/archive", files: files, store: store, install: UUIDBytes(high: 9, low: 1))
        var metric = Sender(.metric)
        var event = Sender(.event)
        let gone = try metric.frame()
        let kept = try metric.frame()
        let losses = [
            LossDeclaration(epoch: 1, priority: .metric, sequences: 1...1, samples: .ordinals(1...3), reason: .evicted),
            LossDeclaration(epoch: 1, priority: .metric, sequences: 1...1, samples: .unknown, reason: .unavailable),
        ]
        var declared: [[UInt8]] = []
        for loss in losses { declared.append(try event.frame(samples: 0, FrameExtras(losses: [loss]))) }
        try archive.take(declared + [kept, declared[0]])
        try archive.commit(to: store)
        #expect(!gone.isEmpty)
        let rows = try Set(store.losses())
        let reasons = rows.map(\.reason.rawValue).sorted()
        #expect(reasons == [LossReason.evicted.rawValue, LossReason.unavailable.rawValue])
        let lost = try #require(FleetView(store, at: Self.now).rows.first?.lost)
        #expect(lost.reasons == [.evicted: .init(frames: 1, samples: 3)], "what was declared twice is lost once")
        try archive.close()
        archive = try Archive.open("/archive", files: files, store: store, anew: true)
        #expect(try Set(store.losses()) == rows)
        try archive.take([gone])
        try archive.commit(to: store)
        let healed = try #require(FleetView(store, at: Self.now).rows.first?.lost)
        #expect(healed.isEmpty, "it has arrived after all")
        try archive.close()
    }
}

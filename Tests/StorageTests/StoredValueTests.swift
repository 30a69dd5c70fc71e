import Frames
import Storage
import StorageSupport
import Telemetry
import Testing

/// Events and definitions come back as they were, to the bit and the byte.
@Suite("What any store keeps of values")
struct StoredValueTests {
    static let texts = [
        "", "plain", "抓取与放置", "a\u{0}b", "\u{0}", "a\\b", "\\0", "\\\\0", "quote\" 'and' ;--", "line\nbreak",
        "e\u{301}", "\u{E9}", String(repeating: "x", count: 65_536), "\u{10FFFF}\u{FEFF}",
    ]
    static let values: [Value] =
        [
            0.0, -0.0, 1.5, -.infinity, .infinity, .nan, Double(bitPattern: 0x7FF0_0000_0000_0001),
            Double(bitPattern: 0xFFF8_0000_DEAD_BEEF), .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1,
        ].map { Value.double($0) } + [Int64.min, -1, 0, 1, .max].map { Value.integer($0) }
        + [.boolean(true), .boolean(false)] + texts.map { Value.text($0) }

    private func roundTrip(_ events: [StoredEvent], _ kind: StoreKind, named names: [String]) throws -> [StoredEvent] {
        let place = try kind.makePlace()
        try place.open().commit(.made([.made(1, times: 0...1)], events: events))
        return try place.open().events(named: names)
    }

    private func event(
        _ name: String, _ attributes: [Event.Attribute] = [], at time: Timestamp = Timestamp(seconds: 1),
        site: String = "here", since: Int64 = 1, offset: Int64 = 0, isSynchronised: Bool = true
    ) -> StoredEvent {
        StoredEvent(
            site: .named(site), source: .named("box"), event: Event(name, at: time, attributes: attributes),
            clock: .made(
                .made(of: .made(site: site)), since: since, offset: offset, isSynchronised: isSynchronised))
    }

    @Test("an attribute of any value", arguments: StoreKind.all, values)
    func attributes(kind: StoreKind, value: Value) throws {
        let stored = event("e", [.init("value", value), .init("another", .integer(1))])
        let loaded = try roundTrip([stored], kind, named: ["e"])
        #expect(loaded.count == 1)
        #expect(loaded.first?.isIdentical(to: stored) == true)
    }

    @Test("an attribute's key and an event's name of any text", arguments: StoreKind.all, texts)
    func names(kind: StoreKind, text: String) throws {
        let stored = event(text, [.init(text, .boolean(true))])
        let loaded = try roundTrip([stored, event("another")], kind, named: [text])
        #expect(loaded.count == 1)
        #expect(loaded.first?.isIdentical(to: stored) == true)
    }

    @Test(
        "an event at any time",
        arguments: StoreKind.all, [Int64.min, -1_000_000_001, -1, 0, 1, 1_795_676_400_123_456_789, .max])
    func times(kind: StoreKind, nanoseconds: Int64) throws {
        let stored = event("e", at: Timestamp(nanoseconds: nanoseconds))
        #expect(try roundTrip([stored], kind, named: ["e"]) == [stored])
    }

    @Test(
        "an event recorded twice is one; one that differs in a bit, a source, a nanosecond or its clock is another",
        arguments: StoreKind.all)
    func identity(kind: StoreKind) throws {
        let base = event("e", [.init("v", .double(0))])
        var heard = base
        heard.source = .named("collector")
        var restarted = base
        restarted.clock = .made(.made(2), since: 1)
        let distinct = [
            base, event("e", [.init("v", .double(-0.0))]), event("e", [.init("v", .integer(0))]),
            event("e", [.init("v", .double(.nan))]), event("e", [.init("w", .double(0))]), event("e"),
            event("e", [.init("v", .double(0))], at: Timestamp(nanoseconds: 1_000_000_001)), heard,
            event("e", [.init("v", .double(0))], site: "there"), event("e", [.init("v", .double(0))], since: 2),
            event("e", [.init("v", .double(0))], offset: 1),
            event("e", [.init("v", .double(0))], isSynchronised: false), restarted,
        ]
        let place = try kind.makePlace()
        let store = try place.open()
        try store.commit(.made([.made(1, times: 0...1)], events: distinct + distinct))
        try store.commit(.made([.made(2, times: 0...1)], events: distinct.reversed()))
        let loaded = try place.open().events(named: ["e"])
        #expect(loaded.count == distinct.count)
        for one in distinct { #expect(loaded.contains { $0.isIdentical(to: one) }, "\(one)") }
    }

    @Test("events are found by each of several names, and by none", arguments: StoreKind.all)
    func severalNames(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        try store.commit(.made([.made(1, times: 0...1)], events: ["a", "b", "c"].map { event($0) }))
        #expect(Set(try store.events(named: ["a", "c", "x", "a"]).map(\.event.name)) == ["a", "c"])
        #expect(try store.events(named: []).isEmpty)
        #expect(try store.events(named: ["%", "_", "A"]).isEmpty)
    }

    @Test("a definition with everything that can be known of a series, or nothing", arguments: StoreKind.all)
    func definitions(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let unit = try #require(Unit("[in_i'H2O]"))
        var all = Series.Kind.allCases.map { Series("kind", kind: $0) }
        all += Self.texts.map { text in
            Series(
                "tagged", tags: [Tag("t", text), Tag(text, "v")], unit: unit,
                provenance: Provenance(serial: text, range: -0.0...Double.infinity))
        }
        all.append(
            Series(
                "edge",
                provenance: Provenance(
                    range: -Double.greatestFiniteMagnitude...0.1, calibrationExpiry: Timestamp(nanoseconds: .min))))
        let definitions = all.enumerated().map {
            (Frames.Stream.made(.event), SeriesDefinition(id: SeriesID(rawValue: .max - UInt32($0)), series: $1))
        }
        try place.open().commit(.made([.made(1, times: 0...1)], definitions: definitions))
        let loaded = try place.open().series(of: .made())
        #expect(loaded.count == definitions.count)
        for (_, definition) in definitions {
            let series = try #require(loaded[definition.id])
            #expect(series.isIdentical(to: definition.series), "\(definition.series)")
        }
    }

    @Test(
        "a definition belongs to a start of its agent, whatever class told it; a later one replaces it, and no other agent's does",
        arguments: StoreKind.all)
    func epochs(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        func define(_ name: String, _ stream: Frames.Stream) throws {
            let definition = SeriesDefinition(id: SeriesID(rawValue: 7), series: Series(name))
            try store.commit(.made([.made(1, of: stream, times: 0...1)], definitions: [(stream, definition)]))
        }
        try define("first", .made(epoch: 1, .event))
        try define("second", .made(epoch: 2, .event))
        try define("other", .made(install: 9, epoch: 1, .event))
        try define("newer", .made(epoch: 2, .metric))
        // Of an agent that claims the install of another.
        try define("forged", .made(agent: "thief", epoch: 1, .event))
        try define("elsewhere", .made(site: "there", epoch: 1, .event))
        for (stream, names) in [
            (.made(epoch: 1), ["first"]), (.made(epoch: 2), ["newer"]), (.made(epoch: 3), []),
            (.made(install: 9), ["other"]), (.made(agent: "thief"), ["forged"]), (.made(site: "there"), ["elsewhere"]),
        ] as [(Frames.Stream, [String])] {
            #expect(try store.series(of: stream).values.map(\.name) == names, "\(stream)")
        }
    }
}

extension Series {
    /// Equality to the byte of all texts and to the bit of the range.
    fileprivate func isIdentical(to other: Series) -> Bool {
        func bytes(_ series: Series) -> [[UInt8]] {
            ([series.name, series.unit.code, series.provenance.serial ?? "-"]
                + series.tags.flatMap { [$0.key, $0.value] })
                .map { Array($0.utf8) }
        }
        func bits(_ series: Series) -> [UInt64?] {
            [series.provenance.range?.lowerBound.bitPattern, series.provenance.range?.upperBound.bitPattern]
        }
        return bytes(self) == bytes(other) && bits(self) == bits(other) && kind == other.kind
            && provenance.calibrationExpiry == other.provenance.calibrationExpiry
    }
}

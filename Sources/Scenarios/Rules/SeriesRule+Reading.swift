import Configuration
import Telemetry

/// One end of a run as it was read, with what only the whole definition can check.
struct DeclaredEnd {
    var end: RunRules.End
    /// How it ends; only of stops.
    var outcome: Located<String>?
    /// Of a level, where it stands.
    var limit: Located<SeriesRule>?
    let place: Place
    /// False for one that could not be read.
    let isSound: Bool
}

extension ValueFormat where Value == DeclaredEnd {
    /// `{event: run.start}`, or `{series: gripper.current, where: {joint: "6"}, above: 0.5 A, for: 200ms}`.
    ///
    /// `isStop`: whether an `outcome` may stand in it.
    static func end(isStop: Bool) -> ValueFormat {
        .mapping { reader in
            let place = reader.place
            let outcome: Located<String>? =
                isStop ? reader.optional("outcome", as: .located(ValueFormat<String>.identifier)) : nil
            // Without either, the event is what is missing: it is how runs are marked where no rule is wanted.
            guard reader.contains("series") else {
                let keys = ["where", "above", "below", "is", "is-not", "for"].filter { reader.contains($0) }
                for key in keys {
                    _ = reader.optional(key, as: .core)
                    reader.report("belongs to a rule over a series; give 'series' beside it", key: key)
                }
                let name = keys.isEmpty ? reader.required("event", as: .eventName) : ""
                if !keys.isEmpty { _ = reader.optional("event", as: .core) }
                return DeclaredEnd(
                    end: .event(name), outcome: outcome, place: place,
                    isSound: keys.isEmpty && reader.isSound("event"))
            }
            reader.atMostOne(of: ["event", "series"])
            if reader.contains("event") { _ = reader.optional("event", as: .core) }
            let selector = SeriesSelector(from: &reader)
            let (demand, limit) = Self.demand(&reader)
            let lasting = reader.value("for", as: .nanoseconds, default: 0)
            if selector.name == Metric.runDurationSeries {
                reader.report("is known only when a run is over; give 'timeout' instead", key: "series")
            }
            let keys = ["series", "where", "above", "below", "is", "is-not", "event"]
            guard let demand, keys.allSatisfy(reader.isSound) else {
                return DeclaredEnd(end: .event(""), outcome: outcome, place: place, isSound: false)
            }
            let rule = SeriesRule(selector: selector, demand: demand, lasting: lasting)
            return DeclaredEnd(
                end: .rule(rule), outcome: outcome, limit: limit.map { Located(value: rule, place: $0) }, place: place,
                isSound: true)
        }
    }

    private static func demand(_ reader: inout MappingReader) -> (SeriesRule.Demand?, limit: Place?) {
        let above = reader.optional("above", as: .located(ValueFormat<Quantity>.quantity))
        let below = reader.optional("below", as: .located(ValueFormat<Quantity>.quantity))
        let words = reader.optional("is", as: .stateWords)
        let others = reader.optional("is-not", as: .stateWords)
        reader.exactlyOne(of: ["above", "below", "is", "is-not"])
        if let limit = above ?? below {
            guard let unit = Unit(limit.value.unit), unit.isKnown else {
                reader.report(UnknownUnit(limit.value.unit).message, at: limit.place)
                return (nil, nil)
            }
            let threshold = Threshold(value: limit.value.value, unit: unit)
            return (.level(above == nil ? .below : .above, threshold), limit.place)
        }
        return (words.map { .among($0) } ?? others.map { .other($0) }, nil)
    }
}

extension SeriesSelector {
    /// Reads `series` and `where`.
    init(from reader: inout MappingReader) {
        let name = reader.required(
            "series", as: .string.matching("a series name: \(Series.nameRule)") { Series.isValidName($0) })
        let tags = reader.optional("where", as: .dictionary(of: .string)) ?? [:]
        self.init(name: name, tags: tags)
    }

    /// `tags`: as they are written, `"*"` for any value and `""` for none.
    init(name: String, tags: [String: String]) {
        self.init(name: name, tags: tags.map { TagPattern(key: $0.key, text: $0.value) }.sorted())
    }
}

extension ValueFormat where Value == [StateWord] {
    /// `running`, `3`, `true`, or a list of them.
    static var stateWords: ValueFormat {
        .parsing(.core, "a word, a number, true or false, or a list of these", placeholder: []) {
            value throws(InvalidValue) in
            let elements: [CoreValue]
            if case .sequence(let list) = value { elements = list } else { elements = [value] }
            let words = elements.compactMap(StateWord.init)
            guard words.count == elements.count, !words.isEmpty else {
                throw InvalidValue("must be a word, a number, true or false, or a list of these")
            }
            return words
        }
    }
}

extension StateWord {
    fileprivate init?(_ value: CoreValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .bool(let truth): self = .truth(truth)
        case .integer(let number): self = .number(Double(number))
        case .double(let number) where number.isFinite: self = .number(number)
        default: return nil
        }
    }
}

extension ValueFormat where Value == RunSubject {
    /// `{tag: device}` or `{name: arm-07}`.
    static var runSubject: ValueFormat {
        .mapping { reader in
            reader.exactlyOne(of: ["tag", "name"])
            let tag = reader.optional("tag", as: .nonEmptyString)
            let name = reader.optional("name", as: .nonEmptyString)
            return name.map(RunSubject.name) ?? tag.map(RunSubject.tag) ?? .device
        }
    }
}

extension ValueFormat where Value == OutcomeSeries {
    /// `{series: cell.result, words: {OK: success, NOK: failure}, within: 2s}`.
    static func outcomeSeries(_ outcomes: [String]) -> ValueFormat {
        .mapping { reader in
            let selector = SeriesSelector(from: &reader)
            let words = reader.optional(
                "words", as: .dictionary(of: .located(ValueFormat<String>.identifier)))
            for (_, word) in (words ?? [:]).sorted(by: { $0.key < $1.key }) where !outcomes.contains(word.value) {
                reader.report(RunRules.unknownOutcome(word.value, among: outcomes), at: word.place)
            }
            let grace = reader.value("within", as: .nanoseconds, default: 0)
            if selector.name == Metric.runDurationSeries {
                reader.report("says how long a run took, not how it ended; give another series", key: "series")
            }
            return OutcomeSeries(selector: selector, words: (words ?? [:]).mapValues(\.value), grace: grace)
        }
    }
}

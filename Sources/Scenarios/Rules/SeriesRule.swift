import Configuration
package import Telemetry

/// A condition over the samples of a series: it holds for a sample or it does not.
package struct SeriesRule: Hashable, Sendable {
    /// What a sample must be.
    package enum Demand: Hashable, Sendable {
        /// A number beyond the threshold, in the threshold's unit; the threshold itself is not.
        case level(SafetyRule.Side, Threshold)
        /// One of these words.
        case among([StateWord])
        /// None of these words.
        case other([StateWord])
    }

    package let selector: SeriesSelector
    package let demand: Demand
    /// How long it must hold without a break, nanoseconds; 0 means that one sample is enough.
    package let lasting: Int64
}

/// What a definition calls a state: a text, a number, or a truth value.
package enum StateWord: Hashable, Sendable {
    case text(String)
    case number(Double)
    case truth(Bool)

    /// Whether a sample says it. A coil that a device gives as 0 or 1 is a truth value too.
    package func matches(_ value: Value) -> Bool {
        switch (self, value) {
        case (.text(let word), .text(let text)): word == text
        case (.number(let number), .integer(let other)): number == Double(other)
        case (.number(let number), .double(let other)): number == other
        case (.truth(let truth), .boolean(let other)): truth == other
        case (.truth(let truth), .integer(let other)): other == (truth ? 1 : 0)
        case (.truth(let truth), .double(let other)): other == (truth ? 1 : 0)
        default: false
        }
    }

    /// As a sample would be written: `running`, `3`, `true`.
    package var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): Threshold.plain(number)
        case .truth(let truth): truth ? "true" : "false"
        }
    }
}

/// What is written here decides which stored parts are of use: it is the same for rules that find the same.
extension SeriesRule {
    package var text: String { "\(selector.text) \(demand.text) for \(lasting)ns" }
}

extension OutcomeSeries {
    package var text: String {
        "\(selector.text) \(words.sorted { $0.key < $1.key }.map { "\($0.key.count):\($0.key)=\($0.value)" }.joined(separator: " "))"
    }
}

extension RunSubject {
    package var text: String {
        switch self {
        case .device: "device"
        case .tag(let tag): "tag \(tag)"
        case .name(let name): "name \(name)"
        }
    }
}

extension SeriesSelector {
    fileprivate var text: String {
        tags.reduce(into: name) { text, tag in
            switch tag.demand {
            case .present: text += ",\(tag.key)=*"
            case .absent: text += ",\(tag.key)="
            case .value(let value): text += ",\(tag.key)=\(value.count):\(value)"
            }
        }
    }
}

extension SeriesRule.Demand {
    fileprivate var text: String {
        func list(_ words: [StateWord]) -> String { words.map(\.marked).joined(separator: " ") }
        return switch self {
        case .level(let side, let threshold): "\(side.rawValue) \(threshold.value) \(threshold.unit.code)"
        case .among(let words): "is \(list(words))"
        case .other(let words): "is not \(list(words))"
        }
    }
}

extension StateWord {
    /// With its kind: `true` is a text or a truth value.
    fileprivate var marked: String {
        switch self {
        case .text(let text): "t\(text.count):\(text)"
        case .number, .truth: text
        }
    }
}

extension SeriesRule.Demand {
    /// Whether a sample meets it; nil for one that says nothing of it: a text of a level, a number that is none, another kind of value than the
    /// words are.
    ///
    /// `conversion`: from the series' unit to the threshold's; nil where they do not fit.
    package func isMet(by value: Value, _ conversion: UnitConversion?) -> Bool? {
        switch self {
        case .level(let side, let threshold):
            guard let number = value.number, let conversion else { return nil }
            let converted = conversion(number)
            return converted.isNaN ? nil : side.isBreached(by: converted, threshold.value)
        case .among(let words): return Self.says(value) ? words.contains { $0.matches(value) } : nil
        case .other(let words): return Self.says(value) ? !words.contains { $0.matches(value) } : nil
        }
    }

    private static func says(_ value: Value) -> Bool {
        if case .double(let number) = value { return !number.isNaN }
        return true
    }
}

/// From which series a run has its outcome: the last word that it said in the run.
package struct OutcomeSeries: Hashable, Sendable {
    package let selector: SeriesSelector
    /// What the series' words mean, by the text of a word. Of a word that is not among them the text is the outcome itself.
    package let words: [String: String]
    /// How long after the stop it may still say so, nanoseconds.
    package let grace: Int64

    /// The outcome that a sample states.
    ///
    /// - Returns: its place among `outcomes`; nil for a word that is none.
    package func outcome(of value: Value, among outcomes: [String]) -> Int? {
        let text =
            switch value {
            case .text(let text): text
            case .boolean(let truth): truth ? "true" : "false"
            case .integer(let number): String(number)
            case .double(let number): Threshold.plain(number)
            }
        return outcomes.firstIndex(of: words[text] ?? text)
    }
}

/// Whose runs the rules tell apart: one subject has one run at a time.
package enum RunSubject: Hashable, Sendable {
    /// The device that a series' tag `device` names, of each agent; of series without one, the agent.
    case device
    /// What this tag names, of whichever agents of a site; of series without it, the agent.
    case tag(String)
    /// One thing a site, by this name.
    case name(String)

    /// Whose run a series of an agent is about.
    package func key(of series: Series, agent: Identifier) -> SubjectKey {
        switch self {
        case .device: SubjectKey(agent: agent, name: series[tag: "device"] ?? agent.text)
        case .tag(let tag):
            if let name = series[tag: tag] {
                SubjectKey(agent: nil, name: name)
            } else {
                SubjectKey(agent: agent, name: agent.text)
            }
        case .name(let name): SubjectKey(agent: nil, name: name)
        }
    }
}

/// A subject at one site.
package struct SubjectKey: Hashable, Sendable, Comparable {
    /// Nil for a subject that several agents may measure.
    package let agent: Identifier?
    package let name: String

    package init(agent: Identifier?, name: String) {
        self.agent = agent
        self.name = name
    }

    package static func < (a: SubjectKey, b: SubjectKey) -> Bool {
        (a.agent?.text ?? "", a.name) < (b.agent?.text ?? "", b.name)
    }
}

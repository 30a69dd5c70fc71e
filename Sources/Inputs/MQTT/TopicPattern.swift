package import Configuration
import Telemetry

/// A topic filter in which levels can have names: `zigbee2mqtt/{device}`, `plant/+/oven/{zone}/#`.
///
/// A named level stands for one level, as `+` does, and becomes a tag; `+` and `#` are as in MQTT (MQTT 5, section 4.7).
package struct TopicPattern: Hashable, Sendable, CustomStringConvertible {
    enum Level: Hashable, Sendable {
        case text(String)
        /// `+`
        case any
        /// `{name}`
        case named(String)
        /// `#`, only as the last one.
        case rest
    }

    package let description: String
    let levels: [Level]

    /// - Throws: `InvalidValue` that says which level is wrong.
    package init(_ text: String) throws(InvalidValue) {
        guard !text.isEmpty, text.utf8.count <= 1024, !text.utf8.contains(0) else {
            throw InvalidValue("must be a topic filter such as 'plant/{line}/temperature'")
        }
        guard !text.hasPrefix("$share/") else {
            throw InvalidValue("a shared subscription would give this box only a part of the messages; name the topics")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var levels: [Level] = []
        var names: Set<Substring> = []
        for (index, part) in parts.enumerated() {
            switch part {
            case "+": levels.append(.any)
            case "#":
                guard index == parts.count - 1 else { throw InvalidValue("'#' can only be the last level") }
                levels.append(.rest)
            case _ where part.hasPrefix("{") && part.hasSuffix("}"):
                let name = part.dropFirst().dropLast()
                guard Series.isValidName(name) else {
                    throw InvalidValue("'\(part)' is no name of a tag: write \(Series.nameRule)")
                }
                guard names.insert(name).inserted else { throw InvalidValue("the level '\(part)' comes twice") }
                levels.append(.named(String(name)))
            case _ where part.contains("+") || part.contains("#") || part.contains("{") || part.contains("}"):
                throw InvalidValue("'+', '#' and '{name}' must be whole levels; '\(part.prefix(40))' is not")
            default: levels.append(.text(String(part)))
            }
        }
        description = text
        self.levels = levels
    }

    /// Levels that are known to be right: those of a preset.
    init(_ levels: [Level]) {
        self.levels = levels
        description = Self.filter(levels)
    }

    /// A base such as `zigbee2mqtt` or `site/+` with more levels behind it.
    static func under(_ base: TopicPattern, _ levels: Level...) -> TopicPattern { TopicPattern(base.levels + levels) }

    /// What the broker is asked for.
    var filter: String { Self.filter(levels) }

    /// The names of its levels, in order.
    var names: [String] {
        levels.compactMap { if case .named(let name) = $0 { name } else { nil } }
    }

    private static func filter(_ levels: [Level]) -> String {
        levels.map { level in
            switch level {
            case .text(let text): text
            case .any, .named: "+"
            case .rest: "#"
            }
        }
        .joined(separator: "/")
    }

    /// Whether a topic, given by its levels, fits; `named` gets the names with their texts.
    func matches(_ topic: [Substring], named: inout [(name: String, text: Substring)]) -> Bool {
        named.removeAll(keepingCapacity: true)
        for (index, level) in levels.enumerated() {
            // '#' stands for its parent too.
            if case .rest = level { return topic.count >= index }
            guard index < topic.count else { return false }
            switch level {
            case .text(let text): if topic[index] != text { return false }
            case .named(let name): named.append((name, topic[index]))
            case .any, .rest: break
            }
        }
        return topic.count == levels.count
    }

    func matches(_ topic: [Substring]) -> Bool {
        var named: [(name: String, text: Substring)] = []
        return matches(topic, named: &named)
    }

    /// Whether every topic that fits `other` fits this too.
    func covers(_ other: TopicPattern) -> Bool {
        for (index, level) in levels.enumerated() {
            if case .rest = level { return other.levels.count >= index }
            guard index < other.levels.count else { return false }
            switch (level, other.levels[index]) {
            case (_, .rest): return false
            case (.text(let mine), .text(let theirs)): if mine != theirs { return false }
            case (.text, _): return false
            default: break
            }
        }
        return other.levels.count == levels.count
    }

    /// Whether there is a topic that fits both.
    func overlaps(_ other: TopicPattern) -> Bool {
        for index in 0..<max(levels.count, other.levels.count) {
            let mine = index < levels.count ? levels[index] : nil
            let theirs = index < other.levels.count ? other.levels[index] : nil
            switch (mine, theirs) {
            case (.rest?, _), (_, .rest?): return true
            case (nil, _), (_, nil): return false
            case (.text(let one)?, .text(let another)?): if one != another { return false }
            default: break
            }
        }
        return true
    }
}

extension TopicPattern {
    /// The fewest patterns to subscribe to so that each of `patterns` is heard: those that another one covers are left out, because a broker
    /// may deliver a message once for each subscription that it fits (MQTT 5, section 3.3.4).
    static func subscriptions(_ patterns: [TopicPattern]) -> [TopicPattern] {
        var kept: [TopicPattern] = []
        for pattern in patterns where !kept.contains(where: { $0.covers(pattern) }) {
            kept.removeAll { pattern.covers($0) }
            kept.append(pattern)
        }
        return kept
    }

    /// Two of `patterns` that overlap without one of them covering the other.
    static func conflict(in patterns: [TopicPattern]) -> (TopicPattern, TopicPattern)? {
        let kept = subscriptions(patterns)
        for (index, one) in kept.enumerated() {
            for another in kept[(index + 1)...] where one.overlaps(another) { return (one, another) }
        }
        return nil
    }
}

extension ValueFormat<TopicPattern> {
    static var topicPattern: ValueFormat<TopicPattern> {
        ValueFormat<String>.nonEmptyString.parsing(
            "a topic filter such as 'plant/{line}/temperature'", placeholder: TopicPattern([.text("x")])
        ) { text throws(InvalidValue) in try TopicPattern(text) }
    }
}

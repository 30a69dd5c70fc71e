import Telemetry

/// What is known of one name with its tags.
struct StatsdAggregate {
    /// What its values become.
    enum State {
        /// The sum since it was first heard.
        case counter(Double)
        case gauge(Double)
        case summary(ValueSketch, count: Double)
        /// Hashes of the members of this interval.
        case set(Set<Int>)
        /// The box has no series for it.
        case refused
    }

    /// The series that it gives, in the order of its values; nil for one beyond the box's limit.
    var series: [SeriesID?]
    var state: State
    /// Whether something came in this interval.
    var isFresh = false
    /// Whether it was given before.
    var wasGiven = false

    /// How many numbers it holds that others do not need to.
    var size: Int {
        switch state {
        case .counter, .gauge, .refused: 0
        case .summary(let sketch, _): sketch.bucketCount
        case .set(let members): members.count
        }
    }
}

extension StatsdAggregate.State {
    init(_ kind: StatsdMetric.Kind) {
        switch kind {
        case .counter: self = .counter(0)
        case .gauge: self = .gauge(0)
        case .timer, .histogram: self = .summary(ValueSketch(), count: 0)
        case .set: self = .set([])
        }
    }
}

/// The name and tags of a metric, made into those of a series.
struct StatsdName {
    let name: String
    let tags: [Tag]

    /// More tags than this are a mistake.
    private static let mostTags = 32

    /// Reads the tags `key:value,key`; a tag without a value has the value `true`.
    ///
    /// - Throws: `StatsdProblem` for a name or a tag that a series cannot have.
    init(_ metric: StatsdMetric, prefix: String?, names: inout NameBook) throws(StatsdProblem) {
        guard let written = String(validating: metric.name, as: UTF8.self) else {
            throw StatsdProblem("the name is not UTF-8")
        }
        switch names.entry(for: written) {
        case .name(let made): name = prefix.map { "\($0).\(made)" } ?? made
        case .taken(let other):
            throw StatsdProblem("'\(written.prefix(64))' has the same series name as '\(other)'; rename one")
        case .unusable: throw StatsdProblem("'\(written.prefix(64))' gives no series name of at most 255 bytes")
        case .full: throw StatsdProblem("there are more names than 'names' allows; raise it, or send fewer")
        }
        guard Series.isValidName(name) else { throw StatsdProblem("the name is longer than 255 bytes with its prefix") }
        var tags: [Tag] = []
        for part in metric.tags.split(separator: UInt8(ascii: ",")) {
            guard tags.count < Self.mostTags else { throw StatsdProblem("more than \(Self.mostTags) tags") }
            guard let text = String(validating: part, as: UTF8.self) else { throw StatsdProblem("a tag is not UTF-8") }
            let colon = text.firstIndex(of: ":")
            let value = colon.map { String(text[text.index(after: $0)...]) } ?? "true"
            guard let key = NameBook.seriesName(of: text[..<(colon ?? text.endIndex)]), Tag.isValidValue(value) else {
                throw StatsdProblem("the tag '\(text.prefix(64))' has no key, no value, or one longer than 255 bytes")
            }
            if key == "device", Identifier(value) == nil {
                throw StatsdProblem("the tag 'device' must be \(Identifier.rule)")
            }
            guard !tags.contains(where: { $0.key == key }) else { throw StatsdProblem("the tag '\(key)' comes twice") }
            tags.append(Tag(key, value))
        }
        self.tags = tags.sorted()
    }
}

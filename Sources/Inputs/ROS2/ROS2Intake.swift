#if ROS2
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Turns the values of one topic's messages into samples; knows its series, so that a message like the last allocates nothing.
struct ROS2Intake {
    /// How many joints, cells or states a topic may have. Names come from the network, and each becomes a series for good.
    static let mostMembers = 1024
    /// The longest text that is taken as a value, bytes.
    static let longestText = 4096
    private static let longestTag = 255

    private enum Slot {
        case fresh
        case refused
        case known(SeriesID)
    }

    /// A joint, a cell, a state: something that has its own series of some fields.
    private struct Member {
        /// Ends with a zero, as names in messages do.
        var name: [CChar]
        var tags: [Tag]
        var isLinear: Bool
    }

    let settings: ROS2TopicSettings
    private let fields: [ROS2Field]
    private let sink: any SampleSink
    private let input: String
    private let tags: [Tag]
    private(set) var samples: [Sample] = []
    /// Of the message that is being read.
    var time = Timestamp(nanoseconds: 0)
    var quality: Quality = []
    private var slots: [Slot]
    private var members: [Member] = []
    /// Of each member and field.
    private var memberSlots: [Slot] = []
    private var memberNumbers: [String: Int] = [:]
    /// Which member was at a place of the last message.
    private var places: [Int] = []
    /// The last text of each field, to be shared by samples that say the same.
    private var texts: [String]
    private var rejected: [(count: Int, reason: String)] = []

    init(_ settings: ROS2TopicSettings, fields: [ROS2Field], environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        self.fields = fields
        self.sink = sink
        input = environment.name
        tags = environment.deviceTags(settings.device) + settings.tags
        slots = fields.map { _ in .fresh }
        texts = fields.map { _ in "" }
    }

    /// Something that a message should not hold.
    mutating func reject(_ reason: String, count: Int = 1) {
        if let index = rejected.firstIndex(where: { $0.reason == reason }) {
            rejected[index].count += count
        } else {
            rejected.append((count, reason))
        }
    }

    /// Gives what has been read to the sink.
    mutating func flush() {
        if !samples.isEmpty { sink.accept(samples, priority: settings.priority) }
        samples.removeAll(keepingCapacity: true)
        for (count, reason) in rejected { sink.reject(count, from: input, reason: reason) }
        rejected.removeAll(keepingCapacity: true)
    }

    // MARK: Values

    /// A number that is one by nature: NaN means that it is not known.
    mutating func add(_ field: Int, _ value: Double, quality: Quality = []) {
        append(slot(field), .double(value), value.isNaN ? .unreliable : quality)
    }

    mutating func add(_ field: Int, _ value: Value) { append(slot(field), value, []) }

    /// Three numbers of neighbouring fields.
    mutating func add(_ field: Int, x: Double, y: Double, z: Double) {
        add(field, x)
        add(field + 1, y)
        add(field + 2, z)
    }

    mutating func add(_ field: Int, member: Int, _ value: Double) {
        append(memberSlot(field, member), .double(value), value.isNaN ? .unreliable : [])
    }

    mutating func add(_ field: Int, member: Int, _ value: Value) { append(memberSlot(field, member), value, []) }

    /// A text; nil when it is longer than a value may be.
    mutating func text(_ field: Int, _ characters: UnsafeMutablePointer<CChar>?) -> String? {
        guard let characters else { return "" }
        guard strnlen(characters, Self.longestText + 1) <= Self.longestText else {
            reject("text too long")
            return nil
        }
        if strcmp(characters, texts[field]) != 0 { texts[field] = String(cString: characters) }
        return texts[field]
    }

    private mutating func append(_ slot: Slot, _ value: Value, _ own: Quality) {
        guard case .known(let series) = slot else { return reject("limit on series") }
        samples.append(Sample(series: series, timestamp: time, value: value, quality: quality.union(own)))
    }

    // MARK: Members

    /// The number of the member that stands at a place of the message.
    ///
    /// - Parameters:
    ///   - place: its index, where it is likely to stand in the next message too.
    ///   - characters: its name.
    ///   - tag: the key of the tag that its name becomes.
    /// - Returns: nil when it has no name that can be a tag, or there are too many.
    mutating func member(at place: Int, _ characters: UnsafeMutablePointer<CChar>?, tag: String) -> Int? {
        guard let characters else { return nil }
        if place < places.count {
            let known = places[place]
            let isSame =
                known >= 0
                && members[known].name.withUnsafeBufferPointer { name in
                    name.baseAddress.map { strcmp($0, characters) == 0 } ?? false
                }
            if isSame { return known }
        }
        let length = strnlen(characters, Self.longestTag + 1)
        guard (1...Self.longestTag).contains(length), place < Self.mostMembers else {
            reject(place < Self.mostMembers ? "bad name" : "limit on series")
            return nil
        }
        let name = String(cString: characters)
        guard let number = member(named: name, tags: [Tag(tag, name)]) else { return nil }
        while places.count <= place { places.append(-1) }
        places[place] = number
        return number
    }

    /// The number of a member that is known by its index only.
    mutating func member(index: Int, tag: String) -> Int? {
        if index < places.count, places[index] >= 0 { return places[index] }
        guard index < Self.mostMembers, let number = member(named: "\(index)", tags: [Tag(tag, "\(index)")]) else {
            reject("limit on series")
            return nil
        }
        while places.count <= index { places.append(-1) }
        places[index] = number
        return number
    }

    /// The number of a member with a name that no other has.
    mutating func member(named name: String, tags: [Tag]) -> Int? {
        if let known = memberNumbers[name] { return known }
        guard members.count < Self.mostMembers else {
            reject("limit on series")
            return nil
        }
        let number = members.count
        members.append(
            Member(name: Array(name.utf8CString), tags: tags, isLinear: settings.prismatic.matches(name)))
        memberSlots.append(contentsOf: repeatElement(.fresh, count: fields.count))
        memberNumbers[name] = number
        return number
    }

    // MARK: Series

    private mutating func slot(_ field: Int) -> Slot {
        if case .fresh = slots[field] { slots[field] = register(fields[field], [], isLinear: false) }
        return slots[field]
    }

    private mutating func memberSlot(_ field: Int, _ member: Int) -> Slot {
        let index = member * fields.count + field
        if case .fresh = memberSlots[index] {
            memberSlots[index] = register(fields[field], members[member].tags, isLinear: members[member].isLinear)
        }
        return memberSlots[index]
    }

    private func register(_ field: ROS2Field, _ own: [Tag], isLinear: Bool) -> Slot {
        let series = Series(
            field.name.isEmpty ? settings.series : "\(settings.series).\(field.name)", tags: tags + field.tags + own,
            unit: settings.unit ?? (isLinear ? field.linear : field.unit), kind: field.kind)
        return sink.register(series).map(Slot.known) ?? .refused
    }
}
#endif

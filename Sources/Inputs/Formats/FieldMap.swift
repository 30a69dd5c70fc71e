import Telemetry

/// Which parts of a record are values, tags and the time.
struct FieldMap: Hashable, Sendable {
    enum Fields: Hashable, Sendable {
        /// Every number, and every true or false of a format that has them; named as the record names them.
        case all
        case rules([FieldRule])
    }

    /// A tag whose value stands in the record.
    struct TagRule: Hashable, Sendable {
        var key: String
        var selector: String
    }

    /// Where the time stands.
    struct TimeRule: Hashable, Sendable {
        var selector: String
        var format: TimeFormat
    }

    var fields = Fields.all
    var tags: [TagRule] = []
    /// Nil for the time of arrival.
    var time: TimeRule?
    /// Goes before the names that a record gives, with a dot between.
    var prefix: String?

    var rules: [FieldRule] {
        if case .rules(let rules) = fields { rules } else { [] }
    }

    /// All selectors, in the order that ``FieldMapper`` numbers them: fields, tags, time.
    var selectors: [String] {
        rules.map(\.selector) + tags.map(\.selector) + (time.map { [$0.selector] } ?? [])
    }
}

/// The cells of one record.
protocol RecordCells {
    /// The cell of the selector with this number.
    func cell(_ number: Int) -> Cell
    /// Calls `body` with name and cell of every value, for maps that take all.
    func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem)
}

/// Makes the points of a record from its cells, as a map says.
struct FieldMapper {
    let map: FieldMap
    private let rules: [FieldRule]
    /// What tells the fields of a group apart in the intake's cache.
    private let keys: [[UInt8]]
    /// Names that are tags or the time, and so no fields of their own.
    private let excluded: [[UInt8]]
    private var names: LeafNames
    private var scratch: [UInt8] = []

    init(_ map: FieldMap) {
        self.map = map
        rules = map.rules
        keys = map.rules.indices.map { Array("\($0)".utf8) }
        excluded = (map.tags.map(\.selector) + (map.time.map { [$0.selector] } ?? [])).map { Array($0.utf8) }
        names = LeafNames(prefix: map.prefix)
    }

    /// - Parameters:
    ///   - cells: the record.
    ///   - arrival: the time of a record without one.
    ///   - points: gets the points; the caller commits or abandons. A value that is not what its field should be is
    ///     refused alone.
    /// - Throws: `RecordProblem` when the time is bad, or there is not one value.
    mutating func take(
        _ cells: some RecordCells, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var time = arrival
        if let rule = map.time {
            let cell = cells.cell(rules.count + map.tags.count)
            if cell.isAbsent { throw RecordProblem("the record has no time '\(rule.selector)'", .badTime) }
            time = try rule.format.timestamp(cell)
        }
        scratch.removeAll(keepingCapacity: true)
        for number in map.tags.indices { cells.cell(rules.count + number).append(to: &scratch) }
        var group = scratch.withUnsafeBytes { points.group($0) }
        let found: Int
        switch map.fields {
        case .rules: found = try takeRules(cells, at: time, in: &group, into: &points)
        case .all: found = try takeAll(cells, at: time, in: &group, into: &points)
        }
        if found == 0 {
            let wanted = rules.isEmpty ? "a number" : rules.map { "'\($0.selector)'" }.prefix(4).joined(separator: ", ")
            throw RecordProblem("the record has no value; looked for \(wanted)")
        }
    }

    private mutating func takeRules(
        _ cells: some RecordCells, at time: Timestamp, in group: inout PointIntake.Group,
        into points: inout PointIntake
    ) throws(RecordProblem) -> Int {
        var found = 0
        for (number, rule) in rules.enumerated() {
            let cell = cells.cell(number)
            if cell.isAbsent { continue }
            found += 1
            do throws(RecordProblem) {
                guard let (value, quality) = try rule.value(of: cell) else { continue }
                try keys[number].withUnsafeBufferPointer { key throws(RecordProblem) in
                    try points.add(
                        UnsafeRawBufferPointer(key), to: &group, value, at: time, quality: quality
                    ) { () throws(RecordProblem) in rule.described(tags: try tags(cells)) }
                }
            } catch {
                guard error.reason == .badValue else { throw error }
                points.refuse(error)
            }
        }
        return found
    }

    private mutating func takeAll(
        _ cells: some RecordCells, at time: Timestamp, in group: inout PointIntake.Group,
        into points: inout PointIntake
    ) throws(RecordProblem) -> Int {
        var found = 0
        var names = names
        self.names = LeafNames(prefix: nil)
        defer { self.names = names }
        try cells.eachLeaf { name, cell throws(RecordProblem) in
            let value: Value
            if case .boolean(let flag) = cell {
                value = .boolean(flag)
            } else if case .text = cell {
                return
            } else if let number = FieldRule.number(cell), number.isFinite {
                value = .double(number)
            } else {
                return
            }
            if excluded.contains(where: { name.isEqual($0) }) { return }
            found += 1
            do throws(RecordProblem) {
                try points.add(name, to: &group, value, at: time) { () throws(RecordProblem) in
                    Series(
                        try names.series(name), tags: try tags(cells), kind: value.isState ? .state : .gauge)
                }
            } catch {
                guard error.reason == .badValue else { throw error }
                points.refuse(error)
            }
        }
        return found
    }

    private func tags(_ cells: some RecordCells) throws(RecordProblem) -> [Tag] {
        var tags: [Tag] = []
        for (number, rule) in map.tags.enumerated() {
            guard let value = try cells.cell(rules.count + number).string() else { continue }
            if let problem = Tag.problem(rule.key, value) {
                throw RecordProblem("the tag '\(rule.key)': \(problem)")
            }
            tags.append(Tag(rule.key, value))
        }
        return tags
    }
}

extension Tag {
    /// The longest value, in bytes.
    static let longestValue = 255

    /// What is wrong with a value that a record gives for a tag, if anything.
    static func problem(_ key: String, _ value: String) -> String? {
        if value.isEmpty { return "the value is empty" }
        if value.utf8.count > longestValue { return "the value is longer than \(longestValue) bytes" }
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "the value has a control character" }
        if key == "device", Identifier(value) == nil { return "a device must be \(Identifier.rule)" }
        return nil
    }
}

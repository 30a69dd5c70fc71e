import Configuration
import Pipeline
import Telemetry

/// The list `pipeline:`: rules that shape what inputs give, and rules that hide what must not be told. Those that hide come after all
/// others, wherever they stand in the list.
struct PipelineRules: Sendable {
    var shaping: [ShapingRule] = []
    var hiding: [RedactionRule] = []

    /// One item of the list.
    enum Item: Sendable {
        case shaping(ShapingRule)
        case hiding(RedactionRule)
    }
}

extension ValueFormat where Value == PipelineRules {
    /// A rule behind one that drops all that it matches is a slip, and refused.
    static var pipelineRules: ValueFormat {
        let list = ValueFormat<[Located<PipelineRules.Item>]>.sequence(
            of: .located(.pipelineItem), count: 0...ShapingRule.most)
        return ValueFormat(expected: list.expected, placeholder: PipelineRules()) { reader in
            guard let items = reader.read(as: list) else { return nil }
            var rules = PipelineRules()
            var earlier: [Located<RedactionRule>] = []
            for item in items {
                switch item.value {
                case .shaping(let rule): rules.shaping.append(rule)
                case .hiding(let rule):
                    if let before = earlier.first(where: {
                        $0.value.action == .drop && $0.value.pattern.covers(rule.pattern)
                    }) {
                        reader.report(
                            "\(item.place.path) is never reached: \(before.place.path) drops all that fits '\(rule.pattern)'; "
                                + "remove one of them")
                    }
                    earlier.append(Located(value: rule, place: item.place))
                    rules.hiding.append(rule)
                }
            }
            if rules.hiding.count > RedactionRule.most {
                reader.report(
                    "has \(rules.hiding.count) rules with an 'action', more than the record of them has room for; "
                        + "\(RedactionRule.most) are the most")
            }
            return rules
        }
    }
}

extension ValueFormat where Value == PipelineRules.Item {
    /// An item with an `action` hides, any other shapes.
    fileprivate static var pipelineItem: ValueFormat {
        let shaping = ValueFormat<ShapingRule>.mapping
        return ValueFormat(expected: "a mapping with 'match'", placeholder: .shaping(ShapingRule(.any, []))) { reader in
            guard case .mapping(let pairs) = reader.node.content else { return nil }
            return pairs.contains { $0.key == "action" }
                ? reader.read(as: .redactionRule).map { .hiding($0) } : reader.read(as: shaping).map { .shaping($0) }
        }
    }
}

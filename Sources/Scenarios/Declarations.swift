import Configuration
import Telemetry

/// What the criteria and safety rules of a definition may refer to.
struct Declarations {
    let metrics: [DeclaredMetric]
    /// False when a metric could not be read, so that a reference that finds none need not be wrong.
    let areAllRead: Bool
    let runs: RunRules

    /// The metric with this id; nil after a report, or when it cannot be relied on, which was reported before.
    func metric(_ id: String, key: String, _ reader: MappingReader) -> Metric? {
        metric(id, at: reader.place(of: key), reader)
    }

    func metric(_ id: String, at place: Place, _ reader: MappingReader) -> Metric? {
        if let found = metrics.first(where: { $0.metric.id == id }) { return found.isSound ? found.metric : nil }
        if areAllRead {
            let advice = MappingReader.suggestion(for: id, among: metrics.map(\.metric.id), noun: "metric")
            reader.report("metric '\(id.prefix(63))' is not declared under 'metrics'" + advice, at: place)
        }
        return nil
    }

    /// The unit of a metric that was found before.
    func unit(of id: String) -> Unit { metrics.first { $0.metric.id == id }?.metric.unit ?? .one }
}

/// An element of a list in which ids must differ; without a value when the element cannot be used.
struct WithID<Value> {
    let id: String
    let value: Value?
}

extension MappingReader {
    /// A sequence of mappings whose ids differ. Elements that cannot be used are left out, and yet their ids are taken.
    mutating func distinct<Element>(
        _ key: String, of element: ValueFormat<WithID<Element>>, atLeastOne: Bool = false
    ) -> [Element] {
        let located = ValueFormat<Located<WithID<Element>>>.located(element)
        let elements =
            atLeastOne
            ? required(key, as: .sequence(of: located, count: 1...))
            : value(key, as: .sequence(of: located), default: [])
        var first: [String: Place] = [:]
        return elements.compactMap { located in
            let (id, place) = (located.value.id, located.place)
            // Without text the id was refused already.
            if let earlier = first[id], !id.isEmpty {
                report("id '\(id)' is already used on line \(earlier.position.line); ids must differ", at: place)
                return nil
            }
            first[id] = place
            return located.value.value
        }
    }
}

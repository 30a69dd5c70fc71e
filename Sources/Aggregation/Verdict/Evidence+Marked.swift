import Scenarios
import Statistics

extension Evidence {
    /// Nil where no sample of a counted run is marked and the definition does not ask.
    var markedCheck: Summary.Check? {
        let limit = definition.completeness.markedAtMost
        var greatest: Double? = 0
        for metric in definition.metrics {
            var count = 0
            var marked: Int? = 0
            for aggregate in counted.compactMap(aggregate(of:)) {
                guard let place = aggregate.place(of: metric.id) else { continue }
                count += aggregate.metrics[place].sketch.count
                // What an earlier version folded does not tell. A definition that asks needs to know.
                let known = aggregate.metrics[place].marked ?? (limit == nil ? 0 : nil)
                marked = marked.flatMap { sum in known.map { sum + $0 } }
            }
            guard count > 0 else { continue }
            greatest = greatest.flatMap { greatest in marked.map { max(greatest, Double($0) / Double(count)) } }
        }
        guard limit != nil || greatest != 0 else { return nil }
        let allowed = limit ?? 0
        return Summary.Check(
            id: .marked, value: greatest, limit: allowed, unit: "1", holds: greatest.map { $0 <= allowed } ?? false)
    }
}

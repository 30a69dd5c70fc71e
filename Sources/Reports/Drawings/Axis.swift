/// A straight scale from values to places, with marks at round values.
struct Axis {
    /// What the ends show.
    let domain: ClosedRange<Double>
    /// Where the ends lie.
    let places: ClosedRange<Double>

    /// An axis that shows all `values` with a little room beyond, but nothing beyond `limits`, where no value can be.
    ///
    /// Nil without a finite value.
    init?(showing values: [Double], within limits: ClosedRange<Double>?, at places: ClosedRange<Double>) {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return nil }
        let width = most - least
        let room = width > 0 ? width * 0.06 : max(least.magnitude * 0.1, 1e-9)
        var low = least - room
        var high = most + room
        if let limits {
            low = max(low, min(limits.lowerBound, least))
            high = min(high, max(limits.upperBound, most))
        }
        guard low.isFinite, high.isFinite, low < high else { return nil }
        domain = low...high
        self.places = places
    }

    func place(_ value: Double) -> Double {
        let share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
        return places.lowerBound + share * (places.upperBound - places.lowerBound)
    }

    /// Round values (1, 2 or 5 times a power of ten apart), about `count` of them.
    func marks(about count: Int) -> [Double] {
        let width = domain.upperBound - domain.lowerBound
        let rough = width / Double(max(count, 1))
        var power = 1.0
        while power * 10 <= rough { power *= 10 }
        while power > rough { power /= 10 }
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
        guard step > 0, (domain.upperBound / step).magnitude < 1e15 else { return [] }
        var marks: [Double] = []
        var index = (domain.lowerBound / step).rounded(.up)
        while index * step <= domain.upperBound, marks.count <= 2 * count {
            // A quotient of integers is the double nearest to the round value; a product with 0.1 is not.
            marks.append(step < 1 ? index / (1 / step).rounded() : index * step)
            index += 1
        }
        return marks
    }
}

import Telemetry

/// Series by number in the order in which they came, and found by what they are.
///
/// A dictionary would hold each of them in room that is half empty; here that room holds numbers of four bytes.
struct SeriesTable: Sendable {
    private(set) var series: [Series] = []
    /// Numbers of series where their hashes lead, and `none`; a power of two of them, at most three quarters in use.
    private var places: [UInt32] = []

    private static let none = UInt32.max

    var count: Int { series.count }

    /// The number of a series; nil for one that is not there.
    func number(of wanted: Series) -> Int? {
        guard !places.isEmpty else { return nil }
        let found = places[place(of: wanted)]
        return found == Self.none ? nil : Int(found)
    }

    /// Adds a series that is not there yet, and returns its number.
    mutating func add(_ new: Series) -> Int {
        if series.count * 4 >= places.count * 3 { grow() }
        let number = series.count
        places[place(of: new)] = UInt32(number)
        series.append(new)
        return number
    }

    /// Where a series is, or would be put.
    private func place(of wanted: Series) -> Int {
        var place = wanted.hashValue & (places.count - 1)
        while places[place] != Self.none, series[Int(places[place])] != wanted {
            place = (place + 1) & (places.count - 1)
        }
        return place
    }

    private mutating func grow() {
        places = Array(repeating: Self.none, count: max(64, places.count * 2))
        for (number, series) in series.enumerated() { places[place(of: series)] = UInt32(number) }
    }
}

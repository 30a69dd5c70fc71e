#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Positions attained in repeated moves to one commanded position, in one to three coordinates.
///
/// ISO 9283:1998, 7.2: pose accuracy AP is the distance of the attained positions' barycentre from the command, pose
/// repeatability RP the radius about the barycentre l̄ + 3 S, with l the distances of the positions from it, l̄ their mean
/// and S their standard deviation (n − 1). The standard prescribes n = 30 cycles; any n from 2 on is taken here.
package struct Poses: Hashable, Sendable {
    /// x_c, one to three coordinates, all in one unit of length.
    package let commanded: [Double]
    /// As many coordinates each.
    package let attained: [[Double]]

    /// The number of cycles that ISO 9283:1998 prescribes.
    package static let prescribedCount = 30

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for other than one to three coordinates, positions with another
    ///   number of them than the command, or coordinates that are not finite.
    package init(commanded: [Double], attained: [[Double]]) throws(StatisticsError) {
        guard (1...3).contains(commanded.count) else {
            throw .invalid("commanded", commanded.count, must: "one to three coordinates")
        }
        guard commanded.allSatisfy(\.isFinite) else {
            throw .invalid("commanded", "\(commanded)", must: "finite in every coordinate")
        }
        for (number, position) in attained.enumerated() {
            guard position.count == commanded.count else {
                throw .invalid(
                    "position \(number)", position.count, must: "\(commanded.count) coordinates, as the command has")
            }
            guard position.allSatisfy(\.isFinite) else {
                throw .invalid("position \(number)", "\(position)", must: "finite in every coordinate")
            }
        }
        self.commanded = commanded
        self.attained = attained
    }

    package var count: Int { attained.count }

    /// The mean position; nil without positions.
    package var barycentre: [Double]? { attained.isEmpty ? nil : Self.barycentre(of: attained) }

    /// AP_x, AP_y, AP_z: the barycentre less the command, coordinate by coordinate.
    package var offsets: [Double]? { barycentre.map { zip($0, commanded).map { $0 - $1 } } }

    /// AP; nil without positions.
    package var accuracy: Double? { offsets.map(Self.length) }

    /// l, the distance of every position from the barycentre.
    package var distances: [Double] {
        guard let center = barycentre else { return [] }
        return Self.distances(of: attained, from: center)
    }

    /// RP = l̄ + 3 S; nil for fewer than two positions.
    package var repeatability: Double? { count < 2 ? nil : Self.repeatability(of: attained) }

    static func barycentre(of positions: [[Double]]) -> [Double] {
        let scale = 1 / Double(positions.count)
        var center = [Double](repeating: 0, count: positions.first?.count ?? 0)
        for position in positions {
            for axis in center.indices { center[axis] += position[axis] * scale }
        }
        return center
    }

    private static func distances(of positions: [[Double]], from center: [Double]) -> [Double] {
        positions.map { position in length(zip(position, center).map { $0 - $1 }) }
    }

    static func repeatability(of positions: [[Double]]) -> Double {
        let moments = Moments(distances(of: positions, from: barycentre(of: positions)))
        return moments.mean + 3 * (moments.standardDeviation ?? 0)
    }

    static func length(_ vector: [Double]) -> Double { vector.reduce(0) { hypot($0, $1) } }
}

import Aggregation

/// The values: with room for it a band between the least and the greatest sample as a run goes on; without, a bar or a dot a run.
extension TraceDrawing {
    /// Paths of one look, each a list of commands.
    private struct Paths {
        /// By class.
        private(set) var commands: [String: String] = [:]

        mutating func add(_ command: String, _ name: String) { commands[name, default: ""] += command }
    }

    /// Parts narrower than this are drawn as bars.
    private static let leastPart = 3.0

    func marks(into svg: inout Markup) {
        var paths = Paths()
        for (index, stretch) in trace.stretches.enumerated() {
            let isCourse = trace.parts >= 4 && frame.part >= Self.leastPart
            for row in unbroken(stretch.points, in: index) {
                if isCourse, row.count > 1 {
                    paths.add(course(row, in: index), style("course", index))
                } else {
                    for place in row { bar(place.point, index, place.part, into: &paths) }
                }
            }
        }
        for (name, commands) in paths.commands.sorted(by: { $0.key < $1.key }) {
            svg.element("path", ["class": name, "d": commands], "")
        }
    }

    private typealias Place = (part: Int, point: Summary.Trace.Point)

    /// Rows of points with no silence between them.
    private func unbroken(_ points: [Summary.Trace.Point?], in stretch: Int) -> [[Place]] {
        var rows: [[Place]] = []
        var isBroken = true
        for (part, point) in points.enumerated() {
            guard let point else {
                isBroken = isBroken || isSilent(stretch, part: part)
                continue
            }
            if isBroken { rows.append([]) }
            rows[rows.count - 1].append((part, point))
            isBroken = false
        }
        return rows
    }

    private func style(_ name: String, _ stretch: Int) -> String {
        switch bands[stretch].ending {
        case .success: name
        // The share of a group is told above; its bar stays as it is.
        case .other: trace.stretches[stretch].runs.count > 1 ? name : "\(name) other"
        case .excluded: "\(name) excluded"
        }
    }

    private func course(_ row: [Place], in stretch: Int) -> String {
        let upper = row.map { (frame.x(stretch, part: $0.part) + frame.part / 2, frame.y($0.point.max)) }
        let lower = row.map { (frame.x(stretch, part: $0.part) + frame.part / 2, frame.y($0.point.min)) }
        let corners = (upper + lower.reversed()).map { "\(Drawing.number($0.0)) \(Drawing.number($0.1))" }
        return "M" + corners.joined(separator: "L") + "z"
    }

    private func bar(_ point: Summary.Trace.Point, _ stretch: Int, _ part: Int, into paths: inout Paths) {
        let middle = frame.x(stretch, part: part) + frame.part / 2
        let (top, bottom) = (frame.y(point.max), frame.y(point.min))
        let ending = bands[stretch].ending
        if bottom - top < 2, frame.part >= 8 {
            let place = "M\(Drawing.number(middle)) \(Drawing.number((top + bottom) / 2))"
            switch ending {
            case .other where trace.stretches[stretch].runs.count == 1:
                paths.add("\(place)m-3 -3l6 6m0 -6l-6 6", "cross")
            case .excluded: paths.add("\(place)m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", "bar-mark excluded")
            case .success, .other: paths.add("\(place)m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", "dot")
            }
            return
        }
        let width = min(max(frame.part * 0.7, 1.2), 8)
        let height = max(bottom - top, 2)
        let y = (top + bottom - height) / 2
        let (w, h) = (Drawing.number(width), Drawing.number(height))
        paths.add(
            "M\(Drawing.number(middle - width / 2)) \(Drawing.number(y))h\(w)v\(h)h-\(w)z", style("bar-mark", stretch))
    }
}

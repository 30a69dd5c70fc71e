import Collector
import Delivery
import Frames
import Reports
import Telemetry

/// Agents as a table of at most 100 columns, without colour, and beneath it what does not fit in.
struct FleetTable {
    private static let width = 100
    private static let heads = [
        "agent", "state", "seen", "version", "install", "pending", "lost", "holes", "clock", "cert",
    ]

    private let view: FleetView

    init(_ view: FleetView) { self.view = view }

    var text: String {
        guard !view.rows.isEmpty else { return note("no agent is known") + (staleness.map(note) ?? "") }
        var rows = [Self.heads] + view.rows.map(cells)
        var widths = Self.widths(rows)
        let others = widths.dropFirst().reduce(0) { $0 + $1 + 2 }
        widths[0] = min(widths[0], max(16, Self.width - others))
        for index in rows.indices { rows[index][0] = Self.cut(rows[index][0], to: widths[0]) }
        return Self.lines(rows, widths) + remarks.map(note).joined() + (staleness.map(note) ?? "")
    }

    private func cells(_ row: FleetView.Row) -> [String] {
        let known = row.known
        return [
            "\(row.agent.site)/\(row.agent.agent)", row.standing.rawValue, age(row.seen),
            Self.cut(VisibleText.of(known.version ?? "-"), to: 10),
            known.install.map { String($0.description.prefix(8)) } ?? "-",
            known.pulse.map { Self.count($0.pendingFrames) } ?? "-", Self.count(row.lost.total.samples),
            Self.count(row.holes.frames), clock(known.clock), days(known.certificateExpires),
        ]
    }

    /// What the columns cannot say: why something is lost, how old what waits is, which address a hole has.
    private var remarks: [String] {
        view.rows.flatMap { row -> [String] in
            var lines: [String] = []
            let name = "\(row.agent.site)/\(row.agent.agent)"
            for (reason, figure) in row.lost.reasons.sorted(by: { $0.key?.rawValue ?? .max < $1.key?.rawValue ?? .max })
            {
                lines.append(
                    "\(name) lost \(Self.count(figure.samples)) samples, \(Self.count(figure.frames)) frames: \(Self.name(reason))"
                )
            }
            if row.holes.frames > 0 {
                lines.append(
                    "\(name) lacks \(Self.count(row.holes.frames)) frames with \(Self.count(row.holes.samples)) samples"
                )
            }
            if let pulse = row.known.pulse, let oldest = pulse.pending.compactMap(\.oldest).min(),
                pulse.pendingFrames > 64
            {
                lines.append("\(name) has \(Self.count(pulse.pendingFrames)) frames to send, the oldest of \(oldest)")
            }
            if row.standing == .offline, let since = row.known.since {
                lines.append("\(name) is offline since \(since)")
            }
            return lines
        }
    }

    static func name(_ reason: LossReason?) -> String {
        switch reason {
        case .evicted: "the spool was full"
        case .corrupt: "damaged on the box's disk"
        case .refused: "the broker never took them"
        case .discarded: "given up by an operator"
        case .unavailable: "the agent had them no more when asked"
        case nil: "told before reasons were kept; 'fieldproof rebuild' tells them"
        }
    }

    private var staleness: String? {
        guard !view.isCurrent else { return nil }
        guard let beat = view.beat else {
            return "no collector of this version has written this store yet: start it to see who is there"
        }
        return beat.isConnected
            ? "the collector last wrote \(age(beat.time)) ago, at \(beat.time): is it running? This is as of then"
            : "the collector was stopped or lost its broker at \(beat.time): this is as of then"
    }

    private func note(_ text: String) -> String { "\(text)\n" }

    /// Since a time: `12s`, `3m`, `5h`, `4d`.
    private func age(_ time: Timestamp?) -> String {
        guard let time else { return "never" }
        let seconds = max(0, view.time.nanoseconds(since: time) / 1_000_000_000)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    private func days(_ time: Timestamp?) -> String {
        guard let time else { return "-" }
        let left = time.nanoseconds(since: view.time)
        return left < 0 ? "expired" : "\(left / 86_400_000_000_000)d"
    }

    private func clock(_ state: ClockState?) -> String {
        guard let state else { return "-" }
        guard state.isSynchronised else { return "unset" }
        switch state.maximumError {
        case ..<1_000_000: return "±<1ms"
        case ..<1_000_000_000: return "±\(state.maximumError / 1_000_000)ms"
        default: return "±\(min(state.maximumError / 1_000_000_000, 9999))s"
        }
    }

    /// `999`, `12.3k`, `4.5M`: at most 6 columns.
    static func count(_ number: UInt64) -> String {
        let units: [(UInt64, String)] = [
            (1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k"),
        ]
        guard let (limit, unit) = units.first(where: { number >= $0.0 }) else { return "\(number)" }
        let tenths = number / (limit == 10_000 ? 100 : limit / 10)
        return tenths >= 1000 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }

    /// The text, or its ends with an ellipsis between them.
    static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        let head = (width - 1) / 2
        return "\(text.prefix(head))…\(text.suffix(width - 1 - head))"
    }

    private static func widths(_ rows: [[String]]) -> [Int] {
        rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    }

    private static func lines(_ rows: [[String]], _ widths: [Int]) -> String {
        rows.reduce(into: "") { text, row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
    }
}

// MARK: - The log of requests

extension FleetTable {
    static func text(of log: FleetLog) -> String {
        guard !log.entries.isEmpty else { return "no agent was asked anything\n" }
        let heads = ["time", "agent", "command", "by", "outcome"]
        let rows = log.entries.map { entry in
            [
                "\(entry.time)", "\(entry.agent.site)/\(entry.agent.agent)",
                entry.details.isEmpty ? entry.command : "\(entry.command) \(entry.details)", entry.by,
                [entry.outcome ?? "not on record", entry.text].compactMap(\.self).joined(separator: ": "),
            ].map { VisibleText.of($0).split(whereSeparator: \.isNewline).joined(separator: " ") }
        }
        return lines([heads] + rows, widths([heads] + rows))
    }
}

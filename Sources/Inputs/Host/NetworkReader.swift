import Telemetry

/// What network interfaces have received and sent, from `/proc/net/dev` (proc_pid_net(5)).
struct NetworkReader: HostReader {
    private static let names = ["bytes", "packets", "errors", "drops"]

    private let file: HostFile
    private let exclude: [NamePattern]
    private var rows = NamedRows<Row?>()

    private struct Row {
        var receive: [SeriesID?]
        var transmit: [SeriesID?]
    }

    init(root: String, exclude: [NamePattern]) {
        self.exclude = exclude
        // Not /proc/net: through one open descriptor that would stay with the thread that opened it.
        file = HostFile(root + "/proc/self/net/dev", .records)
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(file, survey: pass.survey) else { return false }
        rows.begin()
        return pass.buffer.withCursor { cursor in
            // Two lines of headings.
            guard cursor.line() != nil, cursor.line() != nil else { return false }
            while var line = cursor.line() {
                line.skipSpaces()
                guard let name = line.bytes(upTo: UInt8(ascii: ":")) else { continue }
                rows.update(name, make: { [exclude] in Self.row($0, exclude, pass) }) { row in
                    guard let row else { return }
                    // Eight columns each way, of which the first four are wanted.
                    var columns = InlineArray<16, UInt64>(repeating: 0)
                    for index in columns.indices {
                        guard let value = line.unsigned() else { return }
                        columns[index] = value
                    }
                    for index in 0..<4 { pass.add(row.receive[index], count: columns[index]) }
                    for index in 0..<4 { pass.add(row.transmit[index], count: columns[8 + index]) }
                }
            }
            return true
        }
    }

    private static func row(_ interface: String, _ exclude: [NamePattern], _ pass: HostPass) -> Row? {
        guard !exclude.matches(interface) else { return nil }
        let tags = [Tag("interface", interface)]
        func register(_ direction: String) -> [SeriesID?] {
            names.map { name in
                pass.register(
                    "network.\(direction).\(name)", tags, unit: name == "bytes" ? .byte : .one, kind: .counter)
            }
        }
        return Row(receive: register("receive"), transmit: register("transmit"))
    }
}

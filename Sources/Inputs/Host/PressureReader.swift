import Telemetry

/// The share of time in which work stood still for want of a resource, from `/proc/pressure` (kernel documentation,
/// accounting/psi).
///
/// Taken from the kernel's running total, not from its averages, so that each sample is about its own interval.
struct PressureReader: HostReader {
    private var resources: [Resource]

    private struct Resource {
        let name: String
        let file: HostFile
        var some = Line()
        var full = Line()
        var isRegistered = false
    }

    private struct Line {
        var series: SeriesID?
        /// Microseconds stalled since boot, and when they were read.
        var previous: (stalled: UInt64, at: Int64)?
    }

    init(root: String) {
        resources = ["cpu", "memory", "io"].map { Resource(name: $0, file: HostFile("\(root)/proc/pressure/\($0)")) }
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        var any = false
        for index in resources.indices where pass.buffer.read(resources[index].file, survey: pass.survey) {
            any = true
            Self.register(&resources[index], pass)
            pass.buffer.withCursor { cursor in
                while var line = cursor.line() {
                    if line.skip("some") {
                        Self.add(&line, &resources[index].some, &pass)
                    } else if line.skip("full"), resources[index].name != "cpu" {
                        // For the whole box "full" of the CPU is undefined and always 0.
                        Self.add(&line, &resources[index].full, &pass)
                    }
                }
            }
        }
        return any
    }

    private static func register(_ resource: inout Resource, _ pass: HostPass) {
        guard !resource.isRegistered else { return }
        resource.isRegistered = true
        let tags = [Tag("resource", resource.name)]
        resource.some.series = pass.register("pressure.some", tags, unit: .percent)
        if resource.name != "cpu" { resource.full.series = pass.register("pressure.full", tags, unit: .percent) }
    }

    /// Reads ` avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
    private static func add(_ text: inout ByteCursor, _ line: inout Line, _ pass: inout HostPass) {
        var total: UInt64?
        while total == nil, !text.isAtEnd {
            text.skipSpaces()
            if text.skip("total=") { total = text.unsigned() } else { _ = text.word() }
        }
        guard let total else { return }
        let now = pass.moment.monotonic
        defer { line.previous = (total, now) }
        guard let previous = line.previous, total >= previous.stalled, now > previous.at else { return }
        let share = Double(total - previous.stalled) * 1000 * 100 / Double(now - previous.at)
        // The kernel updates the total a little before or after we read the clock.
        pass.add(line.series, percent: min(100, share))
    }
}

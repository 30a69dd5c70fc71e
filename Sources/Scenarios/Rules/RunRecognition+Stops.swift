import Telemetry

extension RunRecognition {
    /// A run that an event started.
    private struct Begun {
        let event: RunEvent
        let statement: Statement
        let start: Occasion
        /// What ends it first, the course that says so, and how long after the start, nanoseconds.
        var stop: (occasion: Occasion, course: Int?, distance: Int64)?
        /// The start after that one.
        var next: Occasion?

        init(_ event: RunEvent, _ statement: Statement) {
            self.event = event
            self.statement = statement
            start = Occasion(kind: .statement(statement), boot: statement.boot, instant: statement.instant)
        }

        var order: (Timestamp, Int64, String) { (start.instant.time, start.instant.sinceBoot, statement.source.text) }

        mutating func note(_ occasion: Occasion, of course: Int?) -> Bool {
            guard let distance = occasion.distance(since: start), distance > 0 else { return false }
            let isFirst = stop.map { (distance, occasion.kind.rank) < ($0.distance, $0.occasion.kind.rank) } ?? true
            if isFirst { stop = (occasion, course, distance) }
            return isFirst
        }
    }

    /// The markers of runs that events start and rules stop: those events, and the stops.
    ///
    /// A run ends with the first onset of a stop after its start: of its own subject, where series tell of one by that name; else of those that
    /// the box measures that recorded the start, and of an operator's start any of the site. Such an onset ends the run that began last before
    /// it.
    func stopped(_ subjects: [SubjectCourse], _ events: Set<Statement>, at site: Identifier) -> [RunMarker] {
        var markers: [RunMarker] = []
        var runs: [Identifier: Begun] = [:]
        for statement in events where statement.event.name == rules.startEvent {
            guard let event = rules.marker(statement.event), event.scenario == definition.id else { continue }
            let begun = Begun(event, statement)
            markers.append(marker(begun))
            // Several starts of one run contradict each other; the earliest tells.
            if let other = runs[event.run], other.order <= begun.order { continue }
            runs[event.run] = begun
        }
        let names = Set(subjects.map(\.subject.name))
        for (index, course) in subjects.enumerated() {
            let starts = runs.values.filter { isMeasured(by: course, $0, names) }.map(\.start)
            for track in course.tracks(with: starts) { end(&runs, in: track, course: index) }
        }
        let words = Dictionary(grouping: events.filter { rules.stopNames.contains($0.event.name) }) {
            $0.event.text("id") ?? ""
        }
        for id in runs.keys {
            guard var run = runs[id] else { continue }
            let said = words[id.text] ?? []
            for statement in said {
                _ = run.note(
                    Occasion(kind: .statement(statement), boot: statement.boot, instant: statement.instant), of: nil)
            }
            guard let stop = run.stop else { continue }
            var place: Int?
            if case .stop(let number) = stop.occasion.kind { place = number }
            markers += stopMarkers(
                of: id, from: run.start, to: stop.occasion, place: place, said,
                stop.course.map { subjects[$0] } ?? subjects.first { isMeasured(by: $0, run, names) }, at: site,
                before: run.next, isByRule: place != nil)
        }
        return markers
    }

    private func end(_ runs: inout [Identifier: Begun], in track: [Occasion], course: Int) {
        var open: Identifier?
        var ended: Identifier?
        for occasion in track {
            switch occasion.kind {
            case .start: continue
            case .statement(let statement):
                if let ended { runs[ended]?.next = occasion }
                (open, ended) = (statement.event.text("id").flatMap { Identifier($0) }, nil)
            case .stop:
                guard let run = open else { continue }
                if runs[run]?.note(occasion, of: course) ?? false { ended = run }
                open = nil
            }
        }
    }

    private func isMeasured(by course: SubjectCourse, _ run: Begun, _ names: Set<String>) -> Bool {
        if let name = run.event.subject, names.contains(name) { return course.subject.name == name }
        return run.start.boot == nil || course.agents.contains(run.statement.source)
    }

    private func marker(_ run: Begun) -> RunMarker {
        var event = run.event
        event.timestamp = run.start.instant.time
        return RunMarker(event, site: run.statement.site, source: run.statement.source, clock: run.start.clock)
    }
}

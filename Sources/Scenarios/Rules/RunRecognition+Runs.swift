import Telemetry

/// A run that rules recognised, on its way to its markers.
struct RecognisedRun {
    let start: Occasion
    let id: Identifier
    /// Nil for one that goes on, as far as is known.
    var stop: Occasion?
    /// By what it stopped: the place among the definition's stops.
    var stopPlace: Int?
    /// What people and programs say of its end.
    var statements: [RunRecognition.Statement] = []
}

extension RunRecognition {
    /// The markers of runs that a rule starts.
    func recognised(_ subjects: [SubjectCourse], _ events: Set<Statement>, at site: Identifier) -> [RunMarker] {
        let names = subjects.map { subject in Set(subject.starts.map { id(of: $0, subject.subject, at: site) }) }
        let known = names.reduce(into: Set<Identifier>()) { $0.formUnion($1) }
        return subjects.indices.flatMap { index in
            let subject = subjects[index]
            let meant = events.filter { statement in
                guard rules.stopNames.contains(statement.event.name) else { return false }
                guard let id = statement.event.text("id") else { return isMeant(subject, by: statement) }
                if let id = Identifier(id), known.contains(id) { return names[index].contains(id) }
                // Late data move the start of a run, and with it its name: where one subject runs, no other can be meant.
                return subjects.count == 1
            }
            let named = Dictionary(grouping: meant) { $0.event.text("id") ?? "" }
            let said = meant.map { Occasion(kind: .statement($0), boot: $0.boot, instant: $0.instant) }
            return subject.tracks(with: said).flatMap { track in
                let runs = runs(in: track, of: subject.subject, at: site)
                return runs.indices.flatMap { place in
                    let next = place + 1 < runs.count ? runs[place + 1].start : nil
                    // A run that is named is meant, also where nobody can say which was first, it or the word.
                    var run = runs[place]
                    run.statements += (named[run.id.text] ?? []).filter { !run.statements.contains($0) }
                    return markers(of: run, of: subject, at: site, before: next)
                }
            }
        }
    }

    /// Whether an event that names no run may be about one of a subject: it names the subject, or is of a box that measures it, or was published by
    /// an operator for the site.
    private func isMeant(_ subject: SubjectCourse, by statement: Statement) -> Bool {
        if let name = statement.event.text("subject") ?? statement.event.text(tagName) {
            return name == subject.subject.name
        }
        return statement.boot == nil || subject.agents.contains(statement.source)
    }

    /// The tag that names the subject.
    private var tagName: String {
        if case .tag(let tag) = rules.subject { tag } else { "device" }
    }

    /// The runs of one subject in one row of occasions.
    ///
    /// A start while a run goes on begins no other, unless that one has passed its timeout: its stop was missed then.
    private func runs(in track: [Occasion], of subject: SubjectKey, at site: Identifier) -> [RecognisedRun] {
        var runs: [RecognisedRun] = []
        var isOpen = false
        for occasion in track {
            switch occasion.kind {
            case .start:
                if isOpen, let last = runs.last {
                    guard let timeout = rules.timeout, let length = occasion.distance(since: last.start),
                        length > timeout
                    else { continue }
                }
                runs.append(RecognisedRun(start: occasion, id: id(of: occasion, subject, at: site)))
                isOpen = true
            case .stop(let place):
                guard isOpen, occasion.distance(since: runs[runs.count - 1].start) ?? 0 > 0 else { continue }
                runs[runs.count - 1].stop = occasion
                runs[runs.count - 1].stopPlace = place
                isOpen = false
            case .statement(let statement):
                let named = statement.event.text("id").flatMap { id in runs.lastIndex { $0.id.text == id } }
                guard let index = named ?? runs.indices.last else { continue }
                runs[index].statements.append(statement)
                if isOpen, index == runs.count - 1, occasion.distance(since: runs[index].start) ?? 0 > 0 {
                    runs[index].stop = occasion
                    runs[index].stopPlace = rules.stops.firstIndex { $0.end == .event(statement.event.name) }
                    isOpen = false
                }
            }
        }
        return runs
    }

    private func markers(
        of run: RecognisedRun, of subject: SubjectCourse, at site: Identifier, before next: Occasion?
    ) -> [RunMarker] {
        guard let boot = run.start.boot else { return [] }
        let start = RunEvent(
            .start, scenario: definition.id, run: run.id, at: run.start.instant.time, subject: subject.subject.name)
        var markers = [
            RunMarker(start, site: site, source: boot.agent, clock: run.start.clock, isByRule: true)
        ]
        if let stop = run.stop {
            markers += stopMarkers(
                of: run.id, from: run.start, to: stop, place: run.stopPlace, run.statements, subject, at: site,
                before: next, isByRule: true)
        }
        return markers
    }

    /// The marker of a stop; several where people say several things of it.
    func stopMarkers(
        of run: Identifier, from start: Occasion, to stop: Occasion, place: Int?, _ statements: [Statement],
        _ subject: SubjectCourse?, at site: Identifier, before next: Occasion?, isByRule: Bool
    ) -> [RunMarker] {
        let source = stop.boot?.agent ?? publisher
        var plain = RunEvent(.stop, scenario: definition.id, run: run, at: stop.instant.time)
        let words = Set(statements.compactMap { $0.event.facts(of: plain) }).sorted { $0.order < $1.order }
        if !words.contains(where: { $0.outcome != nil }) {
            plain.outcome = place.flatMap { rules.stops[$0].outcome }
            if plain.outcome == nil, let series = rules.outcomeSeries,
                let said = subject?.lastStatement(from: start, to: stop, before: next, grace: series.grace)
            {
                plain.outcome = said.map { rules.outcomes[$0] }
            }
        }
        return ([plain] + words).map {
            RunMarker($0, site: site, source: source, clock: stop.clock, isByRule: isByRule)
        }
    }

    /// Who is taken to have recorded what an operator published.
    private var publisher: Identifier {
        guard let name = Identifier("collector") else {
            preconditionFailure("the word is an identifier by Identifier.rule")
        }
        return name
    }

    /// A name that no other run has, and that stays whatever is learned of the clock: the subject, when the run began as its box had the time,
    /// and eight digits of a hash over all that tells it from others.
    private func id(of start: Occasion, _ subject: SubjectKey, at site: Identifier) -> Identifier {
        let boot = start.boot
        var hash = StableHash()
        for text in [definition.id.text, site.text, subject.agent?.text ?? "", subject.name, boot?.agent.text ?? ""] {
            hash.take(text)
        }
        hash.take("\(boot.map { "\($0.install) \($0.boot) \($0.epoch)" } ?? "") \(start.instant.sinceBoot)")
        let slug = subject.name.slug(atMost: 36)
        let text = (slug.isEmpty ? "" : slug + "-") + start.instant.recorded.compact + "-" + hash.digits
        guard let id = Identifier(text) else { preconditionFailure("'\(text)' is made of what an identifier may have") }
        return id
    }
}

extension Occasion {
    /// Nil for what an operator published.
    var clock: RunMarker.Clock? {
        boot.map { RunMarker.Clock(boot: $0, sinceBoot: instant.sinceBoot, isTimeKnown: instant.isTimeKnown) }
    }
}

extension Timestamp {
    /// `20260314t081502z`.
    fileprivate var compact: String {
        description.prefix(19).filter { $0 != "-" && $0 != ":" }.lowercased() + "z"
    }
}

extension Event {
    /// What it says of a run's end; nil if nothing.
    fileprivate func facts(of stop: RunEvent) -> RunEvent? {
        var facts = stop
        facts.outcome = text("outcome")
        facts.failureMode = text("failure_mode")
        if case .boolean(let value)? = self["intervention"] { facts.intervention = value }
        return facts == stop ? nil : facts
    }
}

extension RunEvent {
    fileprivate var order: (String, String, Int) {
        (outcome ?? "", failureMode ?? "", intervention.map { $0 ? 2 : 1 } ?? 0)
    }
}

extension String {
    /// What of it an identifier may have: other characters become a `-`, of which none begins or ends it.
    fileprivate func slug(atMost length: Int) -> String {
        var slug = ""
        for scalar in unicodeScalars {
            let isUpper = ("A"..."Z").contains(scalar)
            if isUpper || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) {
                slug.unicodeScalars.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
            } else if !slug.isEmpty, !slug.hasSuffix("-") {
                slug += "-"
            }
        }
        slug = String(slug.prefix(length))
        while slug.hasSuffix("-") { slug.removeLast() }
        return slug
    }
}

/// FNV-1a of 64 bits (Fowler, Noll & Vo), the same on every machine and in every process.
private struct StableHash {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func take(_ text: String) {
        // The byte after it, which no text has, keeps what follows apart.
        for byte in Array(text.utf8) + [0xFF] { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    var digits: String {
        let text = String(value >> 32 ^ value & 0xFFFF_FFFF, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }
}

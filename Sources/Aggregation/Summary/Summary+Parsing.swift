package import JSON
import Scenarios
import Telemetry

extension Summary {
    /// Reads what `json` writes. Strict: a member that is missing, unknown or of the wrong kind is an error.
    ///
    /// - Throws: ``AggregationError/Code/malformedSummary`` with the member's path.
    package init(json: JSONValue) throws(AggregationError) {
        var reader = try SummaryReader(json)
        guard try reader.text("schema") == Summary.schema else { throw reader.wrong("schema", Summary.schema) }
        scenario = try reader.object("scenario", Scenario.init(from:))
        verdict = try reader.choice("verdict")
        reason = Text(en: try reader.text("reason"), zh: try reader.text("reason_zh"))
        isInterim = try reader.bool("interim")
        period = try reader.object("period") { (reader) throws(AggregationError) in
            Period(from: try reader.time("from"), to: try reader.time("to"))
        }
        runs = try reader.object("runs", Runs.init(from:))
        criteria = try reader.objects("criteria", Criterion.init(from:))
        safety = try reader.objects("safety", Safety.init(from:))
        completeness = try reader.object("completeness", Completeness.init(from:))
        metrics = try reader.objects("metrics", Metric.init(from:))
        ledger = try reader.objects("ledger", LedgerEntry.init(from:))
        governance = try reader.object("governance", Governance.init(from:))
        reproduction = try reader.object("reproduction") { (reader) throws(AggregationError) in
            var reproduction = Reproduction(
                software: try reader.text("software"), archive: try reader.text("archive"),
                definitions: try reader.texts("definitions"))
            if reader.has("extent") {
                reproduction.extent = try reader.object("extent") { (reader) throws(AggregationError) in
                    Reproduction.Extent(
                        events: UInt64(try reader.count("events")), frames: UInt64(try reader.count("frames")))
                }
            }
            if reader.has("selection") {
                reproduction.selection = try reader.object("selection") { (reader) throws(AggregationError) in
                    Reproduction.Selection(
                        from: try reader.optionalTime("from"), to: try reader.optionalTime("to"),
                        site: try reader.optional("site") { (reader, name) throws(AggregationError) in
                            try reader.identifier(name)
                        }, subject: try reader.optionalText("subject"))
                }
            }
            if reader.has("expired_runs") { reproduction.expiredRuns = try reader.count("expired_runs") }
            return reproduction
        }
        try reader.finish()
    }
}

extension SummaryReader {
    fileprivate mutating func texts(_ name: String) throws(AggregationError) -> [String] {
        try array(name) { (element, path) throws(AggregationError) in
            guard let text = element.string else {
                throw AggregationError(.malformedSummary, "must be a string", at: path)
            }
            return text
        }
    }

    fileprivate mutating func localized(_ name: String) throws(AggregationError) -> Summary.Text {
        try object(name) { (reader) throws(AggregationError) in
            Summary.Text(en: try reader.text("en"), zh: try reader.text("zh"))
        }
    }

    fileprivate mutating func optionalText(_ name: String) throws(AggregationError) -> String? {
        try optional(name) { (reader, name) throws(AggregationError) in try reader.text(name) }
    }

    mutating func optionalNumber(_ name: String) throws(AggregationError) -> Double? {
        try optional(name) { (reader, name) throws(AggregationError) in try reader.number(name) }
    }

    fileprivate mutating func optionalCount(_ name: String) throws(AggregationError) -> Int? {
        try optional(name) { (reader, name) throws(AggregationError) in try reader.count(name) }
    }

    /// A count where counts are shared; null, read as 0, where they are not.
    fileprivate mutating func shared(_ name: String, _ isShared: Bool) throws(AggregationError) -> UInt64 {
        if isShared { return try largeCount(name) }
        guard try value(name).isNull else { throw wrong(name, "null, as 'accepted' is") }
        return 0
    }

    fileprivate mutating func optionalTime(_ name: String) throws(AggregationError) -> Timestamp? {
        try optional(name) { (reader, name) throws(AggregationError) in try reader.time(name) }
    }

    fileprivate mutating func verdict() throws(AggregationError) -> Verdict? {
        if try value("verdict").string == JSONValue.descriptive { return nil }
        return try choice("verdict", Verdict.self)
    }
}

extension Summary.Scenario {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        id = try reader.identifier("id")
        version = try reader.text("version")
        digest = try reader.text("digest")
        registered = try reader.optionalText("registered")
        title = try reader.entries("title") { (reader, language) throws(AggregationError) in
            Title(language: language, text: try reader.text(language))
        }
        setting = try reader.choice("setting")
        guard reader.has("changes") else { return }
        changes = try reader.objects("changes") { (reader) throws(AggregationError) in
            DefinitionChange(
                path: try reader.text("path"), before: try reader.optionalText("before"),
                after: try reader.optionalText("after"))
        }
    }
}

extension Summary.Runs {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        total = try reader.optionalCount("total")
        counted = try reader.optionalCount("counted")
        excluded = try reader.optionalCount("excluded")
        outcomes = try reader.entries("outcomes") { (reader, outcome) throws(AggregationError) in
            Outcome(outcome: outcome, count: try reader.optionalCount(outcome))
        }
    }
}

extension Summary.Criterion {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        id = try reader.text("id")
        label = try reader.localized("label")
        statistic = try reader.text("statistic")
        method = try reader.choice("method")
        estimate = try reader.optionalNumber("estimate")
        lower = try reader.optionalNumber("lower")
        upper = try reader.optionalNumber("upper")
        confidence = try reader.optionalNumber("confidence")
        bound = try reader.optional("bound") { (reader, name) throws(AggregationError) in try reader.choice(name) }
        guard let comparator = Comparator(rawValue: try reader.text("comparator")) else {
            throw reader.wrong("comparator", ">= or <=")
        }
        self.comparator = comparator
        threshold = try reader.number("threshold")
        unit = try reader.text("unit")
        n = try reader.optionalCount("n")
        missing = try reader.optionalCount("missing")
        events = try reader.optionalCount("events")
        exposure = try reader.optionalNumber("exposure_s")
        verdict = try reader.verdict()
        moreRuns = try reader.optionalCount("more_runs")
        if reader.has("resolution") { resolution = try reader.number("resolution") }
        if reader.has("obstacle") { obstacle = try reader.choice("obstacle") }
        site = try reader.optional("site") { (reader, name) throws(AggregationError) in try reader.identifier(name) }
        note = try reader.optionalText("note")
        strata = try reader.objects("strata", Summary.Stratum.init(from:))
    }
}

extension Summary.Stratum {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        site = try reader.identifier("site")
        estimate = try reader.optionalNumber("estimate")
        lower = try reader.optionalNumber("lower")
        upper = try reader.optionalNumber("upper")
        n = try reader.optionalCount("n")
        missing = try reader.optionalCount("missing")
        events = try reader.optionalCount("events")
        exposure = try reader.optionalNumber("exposure_s")
        verdict = try reader.verdict()
        moreRuns = try reader.optionalCount("more_runs")
        if reader.has("resolution") { resolution = try reader.number("resolution") }
        if reader.has("obstacle") { obstacle = try reader.choice("obstacle") }
    }
}

extension Summary.Safety {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        id = try reader.text("id")
        severity = try reader.choice("severity")
        condition = try reader.localized("condition")
        count = try reader.optionalCount("count")
        first = try reader.optionalTime("first")
        verdict = try reader.choice("verdict")
    }
}

extension Summary.Completeness {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        verdict = try reader.choice("verdict")
        isShared = try !reader.value("accepted").isNull
        accepted = try reader.shared("accepted", isShared)
        delivered = try reader.shared("delivered", isShared)
        lost = try reader.shared("lost", isShared)
        pending = try reader.shared("pending", isShared)
        duplicates = try reader.shared("duplicates", isShared)
        untimed = try reader.shared("untimed", isShared)
        unusable = try reader.shared("unusable", isShared)
        coverage = try reader.optionalNumber("coverage")
        longestGap = try reader.optionalNumber("longest_gap_s")
        clockError = try reader.optionalNumber("clock_error_s")
        checks = try reader.objects("checks", Summary.Check.init(from:))
        streams = try reader.objects("streams", Summary.StreamState.init(from:))
    }
}

extension Summary.Check {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        id = try reader.choice("id")
        value = try reader.optionalNumber("value")
        limit = try reader.number("limit")
        unit = try reader.text("unit")
        holds = try reader.bool("holds")
    }
}

extension Summary.StreamState {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        site = try reader.identifier("site")
        agent = try reader.identifier("agent")
        guard let install = UUIDBytes(hexadecimal: try reader.text("install")) else {
            throw reader.wrong("install", "32 hexadecimal digits")
        }
        self.install = install
        epoch = try reader.largeCount("epoch")
        guard let priority = PriorityClass(name: try reader.text("class")) else {
            throw reader.wrong("class", "event, metric or bulk")
        }
        self.priority = priority
        through = try reader.largeCount("through")
        missing = try reader.array("missing") { (element, path) throws(AggregationError) in
            guard let ends = element.array, ends.count == 2, let first = ends[0].int64, let last = ends[1].int64,
                first >= 1,
                first <= last
            else {
                throw AggregationError(.malformedSummary, "must be [first, last] with 1 <= first <= last", at: path)
            }
            return UInt64(first)...UInt64(last)
        }
        declaredLost = try reader.largeCount("declared_lost")
        uncountedFrames = try reader.largeCount("uncounted_frames")
        isTimeKnown = try reader.bool("time_known")
        guard let tail = Summary.StreamTail(rawValue: try reader.text("tail")) else {
            throw reader.wrong("tail", "open, proven or unproven")
        }
        self.tail = tail
        if reader.has("silent_since") { silentSince = try reader.time("silent_since") }
        if reader.has("proven_through") { provenThrough = try reader.time("proven_through") }
    }
}

extension Summary.Metric {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        id = try reader.text("id")
        unit = try reader.text("unit")
        count = try reader.optionalCount("count")
        refused = try reader.optionalCount("refused")
        mean = try reader.optionalNumber("mean")
        stddev = try reader.optionalNumber("stddev")
        min = try reader.optionalNumber("min")
        max = try reader.optionalNumber("max")
        p50 = try reader.optionalNumber("p50")
        p95 = try reader.optionalNumber("p95")
        p99 = try reader.optionalNumber("p99")
        relativeError = try reader.number("relative_error")
        marked = reader.has("marked") ? try reader.optionalCount("marked") : 0
        if reader.has("trace") { trace = try reader.object("trace", Summary.Trace.init(from:)) }
    }
}

extension Summary.LedgerEntry {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        run = try reader.identifier("run")
        site = try reader.identifier("site")
        subject = try reader.optionalText("subject")
        start = try reader.optionalTime("start")
        stop = try reader.optionalTime("stop")
        outcome = try reader.optionalText("outcome")
        failureMode = try reader.optionalText("failure_mode")
        intervention = try reader.optional("intervention") { (reader, name) throws(AggregationError) in
            try reader.bool(name)
        }
        excluded = try reader.optionalText("excluded")
        flags = try reader.texts("flags")
        values = try reader.entries("values") { (reader, criterion) throws(AggregationError) in
            Value(criterion: criterion, value: try reader.number(criterion))
        }
        completeness = try reader.optional("completeness") { (reader, name) throws(AggregationError) in
            try reader.object(name, Summary.RunCompleteness.init(from:))
        }
    }
}

extension Summary.RunCompleteness {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        delivered = try reader.largeCount("delivered")
        lost = try reader.largeCount("lost")
        missing = try reader.largeCount("missing")
        missingFrames = try reader.largeCount("missing_frames")
        coverage = try reader.optionalNumber("coverage")
        longestGap = try reader.optionalNumber("longest_gap_s")
        clockError = try reader.optionalNumber("clock_error_s")
        broken = try reader.array("broken") { (element, path) throws(AggregationError) in
            guard let check = element.string.flatMap(Summary.Check.ID.init(rawValue:)) else {
                throw AggregationError(.malformedSummary, "must be the id of a check", at: path)
            }
            return check
        }
        if reader.has("without_consent_s") { withoutConsent = try reader.number("without_consent_s") }
    }
}

extension Summary.Governance {
    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        classification = try reader.choice("classification")
        isConsentRequired = try reader.bool("consent_required")
        retention = try reader.optionalNumber("retention_s")
        redactions = try reader.objects("redact") { (reader) throws(AggregationError) in
            var redaction = Redaction(series: try reader.text("series"), action: try reader.choice("action"))
            if reader.has("applied") { redaction.isApplied = try reader.bool("applied") }
            if reader.has("lacking") { redaction.lacking = try reader.texts("lacking") }
            if reader.has("breaches") {
                redaction.breaches = try reader.objects("breaches") { (reader) throws(AggregationError) in
                    Redaction.Breach(agent: try reader.text("agent"), series: try reader.texts("series"))
                }
            }
            return redaction
        }
        if reader.has("retired_runs") { retiredRuns = try reader.count("retired_runs") }
        if reader.has("consent") {
            consent = try reader.object("consent") { (reader) throws(AggregationError) in
                var consent = Consent(series: try reader.texts("series"))
                if reader.has("by") { consent.by = try reader.text("by") }
                if reader.has("applied") { consent.isApplied = try reader.bool("applied") }
                if reader.has("lacking") { consent.lacking = try reader.texts("lacking") }
                consent.runsWithout = try reader.optionalCount("runs_without")
                consent.runsPartly = try reader.optionalCount("runs_partly")
                consent.timeWithout = try reader.optionalNumber("time_without_s")
                consent.grants = try reader.optionalCount("grants")
                consent.withdrawals = try reader.optionalCount("withdrawals")
                consent.suppressed = try reader.optional("held_back") { (reader, name) throws(AggregationError) in
                    try reader.largeCount(name)
                }
                return consent
            }
        }
        share = try reader.object("share") { (reader) throws(AggregationError) in
            Sharing(
                summary: try reader.choice("summary"), series: try reader.choice("series"),
                raw: try reader.choice("raw"))
        }
        smallestCell = try reader.count("smallest_cell")
        if reader.has("shared_with") {
            let suppressed = try reader.texts("suppressed")
            sharing = SharedWith(
                audience: try reader.choice("shared_with"), suppressed: suppressed,
                isWithheld: suppressed.first == "runs")
        }
    }
}

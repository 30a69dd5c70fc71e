package import Scenarios
package import Telemetry

extension Summary {
    /// All values of one metric in the counted runs.
    package struct Metric: Hashable, Sendable {
        package var id: String
        /// UCUM code.
        package var unit: String
        package var count: Int?
        /// Samples left out because they were marked unreliable or are no finite number.
        package var refused: Int?
        /// Samples that count although they lie outside their sensor's range or come after its calibration's end; 0 in a summary that does not
        /// tell, nil where it is not shared.
        package var marked: Int?
        /// All nil without values; `stddev` also for fewer than two.
        package var mean: Double?
        package var stddev: Double?
        package var min: Double?
        package var max: Double?
        package var p50: Double?
        package var p95: Double?
        package var p99: Double?
        /// The largest relative error of `p50`, `p95` and `p99`; 0 when they are exact.
        package var relativeError: Double
        /// How it went over all runs; nil without a sample.
        package var trace: Trace?

        package init(
            id: String, unit: String, count: Int?, refused: Int?, marked: Int? = 0, mean: Double?, stddev: Double?,
            min: Double?,
            max: Double?,
            p50: Double?, p95: Double?, p99: Double?, relativeError: Double, trace: Trace? = nil
        ) {
            self.id = id
            self.unit = unit
            self.count = count
            self.refused = refused
            self.marked = marked
            self.mean = mean
            self.stddev = stddev
            self.min = min
            self.max = max
            self.p50 = p50
            self.p95 = p95
            self.p99 = p99
            self.relativeError = relativeError
            self.trace = trace
        }
    }

    /// One run, as the ledger has it.
    package struct LedgerEntry: Hashable, Sendable {
        package var run: Identifier
        package var site: Identifier
        package var subject: String?
        package var start: Timestamp?
        package var stop: Timestamp?
        package var outcome: String?
        package var failureMode: String?
        package var intervention: Bool?
        /// Why it does not count; nil when it does.
        package var excluded: String?
        /// What is remarkable about it.
        package var flags: [String]
        /// What it gave to the criteria over one value a run.
        package var values: [Value]
        /// Nil for a run without a window: there is nothing that its data could be complete in.
        package var completeness: RunCompleteness?

        package struct Value: Hashable, Sendable {
            package var criterion: String
            package var value: Double

            package init(criterion: String, value: Double) {
                self.criterion = criterion
                self.value = value
            }
        }

        package init(
            run: Identifier, site: Identifier, subject: String?, start: Timestamp?, stop: Timestamp?, outcome: String?,
            failureMode: String?, intervention: Bool?, excluded: String?, flags: [String], values: [Value],
            completeness: RunCompleteness? = nil
        ) {
            self.run = run
            self.site = site
            self.subject = subject
            self.start = start
            self.stop = stop
            self.outcome = outcome
            self.failureMode = failureMode
            self.intervention = intervention
            self.excluded = excluded
            self.flags = flags
            self.values = values
            self.completeness = completeness
        }
    }

    /// Who may see what, as the definition has it.
    package struct Governance: Hashable, Sendable {
        package var classification: Scenarios.Governance.Classification
        package var isConsentRequired: Bool
        /// Seconds.
        package var retention: Double?
        /// Runs that are left out, and of which nothing is kept, since the retention has passed.
        package var retiredRuns = 0
        package var redactions: [Redaction]
        /// What became of consent; nil where the definition asks for nothing that the archive could show, and nothing was held back.
        package var consent: Consent?
        package var share: Sharing
        /// The least number of runs that a shared number may stand for.
        package var smallestCell: Int
        /// For whom numbers were left out; nil for the owner's own summary, which has all.
        package var sharing: SharedWith?

        /// Who a summary was made for, and what it lacks for that.
        package struct SharedWith: Hashable, Sendable {
            /// `partner` or `public`.
            package var audience: Scenarios.Governance.Audience
            /// What was left out, by its path with names in place of numbers: `criteria.success-rate.suzhou`.
            package var suppressed: [String]
            /// Nothing is left but the verdict.
            package var isWithheld: Bool

            package init(audience: Scenarios.Governance.Audience, suppressed: [String], isWithheld: Bool) {
                self.audience = audience
                self.suppressed = suppressed
                self.isWithheld = isWithheld
            }
        }

        /// What people agreed to, by what agents put on record. Of whom is not told.
        package struct Consent: Hashable, Sendable {
            /// What the definition wants under consent.
            package var series: [String]
            /// The tag that must name who consents; nil for any rule.
            package var by: String?
            /// Whether every agent start of the period has a record that they were under consent; nil where the definition asks for none.
            package var isApplied: Bool?
            /// Agents, `site/agent`, with a start that has no such record, sorted.
            package var lacking: [String] = []
            /// Runs that were left out for want of consent; this and what follows is nil where it is not shared.
            package var runsWithout: Int?
            /// Counted runs with times in which something was held back.
            package var runsPartly: Int?
            /// Of ended runs, seconds.
            package var timeWithout: Double?
            /// How often consent was given and taken back in the period.
            package var grants: Int?
            package var withdrawals: Int?
            /// Samples and events that agents held back in the period, as far as they said so.
            package var suppressed: UInt64?

            package init(series: [String], by: String? = nil) {
                self.series = series
                self.by = by
            }
        }

        package struct Redaction: Hashable, Sendable {
            package var series: String
            package var action: RedactionAction
            /// Whether every agent start of the period has a record of it and none has what it should have dropped; nil where nobody has looked.
            package var isApplied: Bool?
            /// Agents, `site/agent`, with a start that has no such record, sorted.
            package var lacking: [String]
            /// Agents of which the archive has series that should have been dropped, sorted.
            package var breaches: [Breach]

            /// What of one agent should not be there.
            package struct Breach: Hashable, Sendable {
                /// `site/agent`.
                package var agent: String
                /// Names of series, sorted; at most ``Summary/Governance/Redaction/mostSeries``.
                package var series: [String]

                package init(agent: String, series: [String]) {
                    self.agent = agent
                    self.series = series
                }
            }

            package static let mostSeries = 20

            package init(
                series: String, action: RedactionAction, isApplied: Bool? = nil, lacking: [String] = [],
                breaches: [Breach] = []
            ) {
                self.series = series
                self.action = action
                self.isApplied = isApplied
                self.lacking = lacking
                self.breaches = breaches
            }
        }

        package struct Sharing: Hashable, Sendable {
            package var summary: Scenarios.Governance.Audience
            package var series: Scenarios.Governance.Audience
            package var raw: Scenarios.Governance.Audience

            package init(
                summary: Scenarios.Governance.Audience, series: Scenarios.Governance.Audience,
                raw: Scenarios.Governance.Audience
            ) {
                self.summary = summary
                self.series = series
                self.raw = raw
            }
        }

        package init(
            classification: Scenarios.Governance.Classification, isConsentRequired: Bool, retention: Double?,
            redactions: [Redaction], share: Sharing, smallestCell: Int
        ) {
            self.classification = classification
            self.isConsentRequired = isConsentRequired
            self.retention = retention
            self.redactions = redactions
            self.share = share
            self.smallestCell = smallestCell
        }
    }

    /// What somebody else needs to compute the same summary again.
    package struct Reproduction: Hashable, Sendable {
        /// Name and version of the program.
        package var software: String
        /// `sha256:…` of the archive.
        package var archive: String
        /// `sha256:…` of every definition that was in force in the period.
        package var definitions: [String]
        /// Runs that rest on what was folded before some of their frames expired from the archive: nobody can compute those again.
        package var expiredRuns = 0
        /// How much of the archive it was made of; nil where nobody says.
        package var extent: Extent?
        /// Which runs were asked for; nil for all.
        package var selection: Selection?

        /// The last positions in the archive's lanes.
        package struct Extent: Hashable, Sendable {
            package var events: UInt64
            package var frames: UInt64

            package init(events: UInt64, frames: UInt64) {
                self.events = events
                self.frames = frames
            }
        }

        /// What a summary was limited to.
        package struct Selection: Hashable, Sendable {
            package var from: Timestamp?
            package var to: Timestamp?
            package var site: Identifier?
            package var subject: String?

            package init(from: Timestamp?, to: Timestamp?, site: Identifier?, subject: String?) {
                self.from = from
                self.to = to
                self.site = site
                self.subject = subject
            }
        }

        package init(software: String, archive: String, definitions: [String]) {
            self.software = software
            self.archive = archive
            self.definitions = definitions
        }
    }
}

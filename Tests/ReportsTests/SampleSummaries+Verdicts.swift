import Aggregation
import Scenarios
import Telemetry

extension Summary {
    /// Everything holds, one bound by a hair; a long ledger.
    static var proven: Summary {
        var summary = template(
            .pass, en: "All 3 criteria hold; the closest, success-rate, is at least 95.004 % at 95 % confidence.",
            zh: "3 项判据全部满足；最接近阈值的 success-rate 在 95 % 置信度下不低于 95.004 %。")
        summary.record(
            (1...144).map { number in
                switch number {
                case 57: .sample(number, outcome: "failure", failureMode: "slip", slow: 3.4)
                case 90: .sample(number, intervention: true)
                case 101, 102: .sample(number, outcome: "invalid", excluded: "outcome invalid")
                default: .sample(number)
                }
            })
        summary.criteria = [
            .successRate(0.992957, 0.950042, 0.999639, n: 142, .pass), .cycleTime(10.1732, 9.94, 10.39, n: 141, .pass),
            .force(33.94, 33.21, 34.67, n: 141, .pass), .described(41.20000000000001),
        ]
        summary.safety = [.emergencyStop(0, .pass), .hotJoint(0, .pass)]
        summary.metrics = [
            .cycleTime.tracedDurations(summary.ledger), .gripForce.traced(summary.ledger, parts: 1, limits: [.force]),
            .jointHeat.traced(summary.ledger, parts: 1, from: 40, spread: 8, limits: [.heat]),
        ]
        return summary
    }

    /// One of three sites fails; the definition was changed on the way, data were lost and declared so.
    static var refutedAtOneSite: Summary {
        var summary = template(
            .fail, en: "success-rate fails at huzhou: at most 86.8 % at 95 % confidence, and 95 % is asked.",
            zh: "success-rate 在 huzhou 不达标：95 % 置信度下不高于 86.8 %，而要求为 95 %。")
        summary.scenario.registered = digest("c")
        summary.record(
            (1...46).map { number in
                let site = ["deqing", "huzhou", "anji"][number % 3]
                switch (site, number % 4) {
                case ("huzhou", 0):
                    return .sample(number, site: site, outcome: "failure", failureMode: "slip", slow: 2.2)
                case ("huzhou", 2) where number > 20:
                    return .sample(
                        number, site: site, outcome: "failure", failureMode: "lost-sight", intervention: true)
                case ("anji", 0) where number > 40:
                    return .sample(number, site: site, outcome: nil, flags: ["timed-out", "unfinished"], slow: 4)
                default: return .sample(number, site: site)
                }
            })
        summary.criteria = [
            .successRate(
                0.6875, 0.4516, 0.8679, n: 16, .fail, site: "huzhou",
                strata: [
                    .sample("deqing", 1, 0.8190, 1, n: 15, .inconclusive, moreRuns: 44),
                    .sample("huzhou", 0.6875, 0.4516, 0.8679, n: 16, .fail),
                    .sample("anji", 0.9333, 0.7206, 0.9966, n: 15, .inconclusive, moreRuns: 78),
                ]),
            .cycleTime(12.38, 10.3, nil, n: 44, missing: 2, .inconclusive, moreRuns: 19),
            .force(33.9, 32.6, 35.2, n: 38, .pass),
        ]
        summary.safety = [
            .emergencyStop(2, first: "2026-11-04T10:20:03.250Z", .fail),
            .hotJoint(5, first: "2026-11-03T13:01:44Z", .fail),
        ]
        summary.completeness.verdict = .declaredLoss
        summary.completeness.lost = 1_204
        summary.completeness.delivered -= 1_204
        summary.completeness.checks[0] = Check(id: .loss, value: 0.000812, limit: 0.001, unit: "1", holds: true)
        summary.completeness.streams = [
            .sample("anji", "arm-11", .metric, 10_002), .sample("deqing", "arm-07", .metric, 9_871),
            .sample("huzhou", "arm-09", .metric, 9_660, lost: 1_204),
        ]
        summary.metrics = [
            .cycleTime.tracedDurations(summary.ledger), .gripForce.traced(summary.ledger, parts: 4, limits: [.force]),
        ]
        return summary
    }

    /// Not decided, and not to be trusted yet: samples are missing, a clock is off; the runs are staged and go on.
    static var fullOfHoles: Summary {
        var summary = template(
            .inconclusive,
            en: "The data are not complete, so that no pass can be proven; success-rate needs about 35 more runs.",
            zh: "数据不完整，无法证明通过；success-rate 约需再运行 35 次。")
        summary.scenario.setting = .staged
        summary.isInterim = true
        summary.record(
            (1...24).map { number in
                number == 24
                    ? .sample(number, outcome: nil, intervention: nil, excluded: "unfinished", flags: ["unfinished"])
                    : .sample(number)
            })
        summary.ledger[23].stop = nil
        summary.ledger[23].completeness = nil
        summary.ledger[16].completeness?.missing = 120
        summary.ledger[16].completeness?.missingFrames = 2
        summary.ledger[16].completeness?.lost = 90
        summary.ledger[16].completeness?.longestGap = 214.5
        summary.ledger[16].completeness?.coverage = 0.4
        summary.ledger[16].completeness?.broken = [.loss, .gap, .coverage]
        summary.ledger[17].completeness?.missingFrames = 1
        summary.ledger[17].completeness?.broken = [.loss]
        summary.ledger[18].flags = ["time-unknown"]
        summary.ledger[18].completeness?.clockError = nil
        summary.ledger[18].completeness?.broken = [.clockError, .time]
        summary.criteria = [
            .successRate(1, 0.8779, 1, n: 23, .inconclusive, moreRuns: 36),
            .cycleTime(10.3, 9.1, nil, n: 23, .inconclusive),
            .force(39.998, 39.2, 40.004, n: 23, .inconclusive, moreRuns: nil),
        ]
        summary.safety = [.emergencyStop(0, .inconclusive), .hotJoint(0, .pass)]
        summary.completeness = Completeness(
            verdict: .incomplete, accepted: 52_000, delivered: 49_310, lost: 90, pending: 2_600, duplicates: 3,
            untimed: 1_870, unusable: 410, coverage: 0.98996, longestGap: 214.5, clockError: nil,
            checks: [
                Check(id: .loss, value: 0.05173, limit: 0, unit: "1", holds: false),
                Check(id: .gap, value: 214.5, limit: 5, unit: "s", holds: false),
                Check(id: .coverage, value: 0.98996, limit: 0.99, unit: "1", holds: false),
                Check(id: .clockError, value: nil, limit: 0.5, unit: "s", holds: false),
                Check(id: .time, value: 1_870, limit: 0, unit: "1", holds: false),
                Check(id: .definitions, value: 410, limit: 0, unit: "1", holds: false),
            ],
            streams: [
                .sample("deqing", "arm-07", .event, 61),
                .sample(
                    "deqing", "arm-07", .metric, 880,
                    missing: [881...899, 903...903] + (0..<9).map { 1000 + $0 * 4...1001 + $0 * 4 },
                    lost: 90),
            ])
        summary.metrics = [
            .jointHeat.traced(summary.ledger, parts: 8, from: 60, spread: 14, limits: [.heat]) { run, part in
                run == 23 || run == 16 && part > 2 || run == 17 && part == 5
            }
        ]
        return summary
    }

    /// One run, and already a critical breach.
    static var single: Summary {
        var summary = template(
            .inconclusive, en: "The success rate lies between 5 % and 100 %, so it is undecided after 1 run.",
            zh: "success 比率介于 5 % 与 100 % 之间，经 1 次运行尚未判定。")
        summary.isInterim = true
        summary.record([.sample(1, slow: 60)])
        summary.criteria = [.successRate(1, 0.05, 1, n: 1, .inconclusive, moreRuns: 58)]
        summary.safety = [.emergencyStop(0, .pass), .hotJoint(2, first: "2026-11-03T08:20:21Z", .fail)]
        summary.metrics = [
            .cycleTime.tracedDurations(summary.ledger),
            .gripForce.traced(summary.ledger, parts: 32, limits: [.force]) { _, part in (9...12).contains(part) },
            .jointHeat.traced(summary.ledger, parts: 32, from: 60, spread: 14, limits: [.heat]),
        ]
        return summary
    }

    /// More runs than a page can show one by one.
    static func long(_ count: Int) -> Summary {
        var summary = proven
        summary.record(
            (1...count).map { number in
                switch number % 1000 {
                case 500...530 where number % 3 == 0:
                    .sample(number, outcome: "failure", failureMode: "slip", slow: 3.4)
                case 900...: .sample(number, outcome: "invalid", excluded: "outcome invalid")
                default: .sample(number)
                }
            })
        summary.ledger[count / 3].completeness?.missing = 17
        summary.metrics = [
            .cycleTime.tracedDurations(summary.ledger), .gripForce.traced(summary.ledger, parts: 1, limits: [.force]),
        ]
        return summary
    }

    /// Before the first run: no numbers at all.
    static var withoutRuns: Summary {
        var summary = template(.inconclusive, en: "No run has been carried out yet.", zh: "尚未进行任何运行。")
        summary.scenario.registered = nil
        summary.scenario.setting = .simulated
        summary.scenario.title = [Scenario.Title(language: "und", text: "Grasp and place")]
        summary.record([])
        summary.criteria = [
            .successRate(nil, nil, nil, n: 0, .inconclusive, moreRuns: 59),
            .cycleTime(nil, nil, nil, n: 0, .inconclusive, moreRuns: 59),
        ]
        summary.completeness = Completeness(
            verdict: .complete, accepted: 0, delivered: 0, lost: 0, pending: 0, duplicates: 0, untimed: 0,
            unusable: 0, coverage: nil,
            longestGap: nil, clockError: nil, checks: [Check(id: .loss, value: nil, limit: 0, unit: "1", holds: true)],
            streams: [])
        summary.metrics = [
            Metric(
                id: "cycle-time", unit: "s", count: 0, refused: 0, mean: nil, stddev: nil, min: nil, max: nil, p50: nil,
                p95: nil, p99: nil, relativeError: 0)
        ]
        summary.governance = Governance(
            classification: .personal, isConsentRequired: true, retention: nil, redactions: [],
            share: Governance.Sharing(summary: .none, series: .none, raw: .none), smallestCell: 1)
        var consent = Governance.Consent(series: ["person.*"], by: "person")
        consent.isApplied = false
        consent.lacking = ["deqing/cell-3"]
        (consent.runsWithout, consent.runsPartly, consent.timeWithout) = (2, 1, 754.5)
        (consent.grants, consent.withdrawals, consent.suppressed) = (3, 1, 12_345)
        summary.governance.consent = consent
        summary.governance.retiredRuns = 4
        summary.reproduction.definitions = []
        return summary
    }

    /// Every text that can come from outside tries to be more than a text.
    static var hostile: Summary {
        let attack =
            #"</title></style><script>alert("x")</script><img src=x onerror='alert(1)'>"#
            + "&amp;|`*_[a](http://evil.example)@everyone"
        var summary = template(.fail, en: "Because \(attack)\r\n# not a heading", zh: "因为 \(attack)\u{202E}反转")
        summary.scenario.title = [Scenario.Title(language: "en", text: "Title \(attack)")]
        var entries = [
            "=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\tx", "'quoted", "＝1", "say \"hi\", all\r\nof you",
        ]
        .enumerated().map { index, text in
            var entry = LedgerEntry.sample(index + 1, outcome: "failure", failureMode: text)
            entry.subject = text
            return entry
        }
        entries.append(.sample(9, outcome: attack, excluded: "outcome \(attack)", flags: [attack]))
        summary.record(entries, outcomes: ["success", "failure", attack])
        var criterion = Criterion.cycleTime(1e-9, -3e14, 6.02214076e23, n: 3, .fail)
        criterion.id = "=HYPERLINK(\"x\")"
        criterion.label = Text(en: attack, zh: attack)
        criterion.unit = "<b>"
        criterion.note = attack
        summary.criteria = [criterion]
        summary.safety = [.emergencyStop(1, first: "2026-11-04T10:20:03Z", .fail)]
        summary.safety[0].id = attack
        summary.safety[0].condition = Text(en: attack, zh: attack)
        summary.metrics = [.jointHeat]
        summary.metrics[0].id = attack
        summary.governance.redactions[0].series = attack
        summary.reproduction.software = attack
        summary.reproduction.archive = "```\n\(attack)"
        return summary
    }
}

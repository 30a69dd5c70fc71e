import Aggregation
import Telemetry

/// Whether the data are all there: first in words, then to the frame.
extension HTMLSummaryWriter {
    func completeness(_ data: Summary.Completeness, into page: inout Markup) {
        section("completeness", wording.completeness, into: &page) { page in
            page.element("p") { page in
                chip(verdict(data), wording.word(data), into: &page)
                page.text(" " + wording.explanation(data))
            }
            if data.isShared { fates(data, into: &page) }
            if !data.checks.isEmpty { checks(data.checks, into: &page) }
            if !data.streams.isEmpty { streams(data.streams, into: &page) }
        }
    }

    /// As grave as it is for the scenario: data with holes that the definition forbids stand in the way of a pass. None
    /// without data.
    private func verdict(_ data: Summary.Completeness) -> Verdict? {
        guard data.accepted > 0 else { return nil }
        return data.isBroken ? .fail : data.verdict == .incomplete ? .inconclusive : .pass
    }

    private func fates(_ data: Summary.Completeness, into page: inout Markup) {
        let columns: [Column] = [
            .text(wording.sampleFate), .number(wording.samplesColumn), .number(wording.share),
        ]
        table(wording.sampleFate, columns: columns, into: &page) { page in
            page.element("tbody") { page in
                for fate in wording.fates(data) {
                    let share = Double(fate.count) / Double(max(data.accepted, 1))
                    page.element("tr") { page in
                        page.element("th", ["scope": "row", "class": fate.isPart ? "indented" : ""], fate.name)
                        page.element("td", ["class": "number"], Figure.count(fate.count))
                        page.element(
                            "td", ["class": "number"],
                            fate.isPart && data.accepted > 0 ? Figure.percent(share) : "")
                    }
                }
            }
        }
    }

    private func checks(_ checks: [Summary.Check], into page: inout Markup) {
        let columns: [Column] = [
            .text(wording.condition), .number(wording.value), .number(wording.limit), .text(wording.holdsColumn),
        ]
        table(wording.checks, columns: columns, into: &page) { page in
            page.element("tbody") { page in
                for check in checks {
                    page.element("tr") { page in
                        page.element("th", ["scope": "row"]) { page in
                            page.text(wording.name(of: check.id))
                            page.element("span", ["class": "detail muted"]) { $0.element("code", check.id.rawValue) }
                        }
                        page.element("td", ["class": "number"], wording.value(check))
                        page.element("td", ["class": "number"], wording.limit(check))
                        page.element("td") { page in
                            chip(check.holds ? .pass : .fail, check.holds ? wording.yes : wording.no, into: &page)
                        }
                    }
                }
            }
        }
    }

    private func streams(_ streams: [Summary.StreamState], into page: inout Markup) {
        let columns: [Column] = [
            .text(wording.agent), .text(wording.install), .number(wording.epoch), .text(wording.priorityClass),
            .number(wording.through), .text(wording.missingFrames), .number(wording.declaredLost), .text(wording.end),
        ]
        table(wording.streamsCaption, isCaptionSeen: true, class: "small", columns: columns, into: &page) { page in
            page.element("tbody") { page in
                for stream in streams {
                    page.element("tr", ["class": stream.missing.isEmpty && stream.tail != .unproven ? "" : "marked"]) {
                        page in
                        page.element("th", ["scope": "row"], "\(stream.site)/\(stream.agent)")
                        page.element("td", ["class": "digest"], "\(stream.install)")
                        page.element("td", ["class": "number"], Figure.count(stream.epoch))
                        page.element("td", stream.priority.name)
                        page.element("td", ["class": "number"], Figure.count(stream.through))
                        page.element("td", wording.ranges(stream.missing))
                        page.element("td", ["class": "number"], wording.declaredLost(stream))
                        page.element("td", wording.tail(stream.tail))
                    }
                }
            }
        }
    }
}

package import Aggregation

/// One self-contained page: no script, nothing fetched, readable on a screen, on a telephone, in the dark, on A4 and in
/// black and white.
///
/// It begins with the verdict for who reads nothing else, and ends with what somebody needs who believes none of it.
package struct HTMLSummaryWriter: SummaryWriter {
    package static let format = ReportFormat.html

    let wording: Wording

    package init(language: ReportLanguage) {
        wording = Wording(language: language)
    }

    package func write(_ summary: Summary, to output: inout some TextOutputStream) {
        var page = Markup()
        page.doctype()
        page.element("html", ["lang": wording.language.tag]) { page in
            head(summary, into: &page)
            page.element("body") { page in
                page.element("main") { page in
                    opening(summary, into: &page)
                    nextSteps(summary, into: &page)
                    criteria(summary, into: &page)
                    safety(summary, into: &page)
                    completeness(summary.completeness, into: &page)
                    traces(summary, into: &page)
                    runs(summary, into: &page)
                    metrics(summary, into: &page)
                    governance(summary.governance, into: &page)
                    reproduction(summary, into: &page)
                }
            }
        }
        output.write(page.html)
        output.write("\n")
    }

    private func head(_ summary: Summary, into page: inout Markup) {
        let title = summary.scenario.title(in: wording.language.tag)
        page.element("head") { page in
            page.void("meta", ["charset": "utf-8"])
            page.void(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
                ])
            page.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            page.void("meta", ["name": "color-scheme", "content": "light dark"])
            page.element("title", "\(wording.word(summary.verdict)) · \(title) · \(wording.documentKind)")
            page.style(Stylesheet.css)
        }
    }

    /// A section with a heading, which names it for who listens to the page.
    func section(
        _ id: String, _ heading: String, class name: String = "", into page: inout Markup,
        content: (inout Markup) -> Void
    ) {
        page.element("section", ["id": id, "class": name, "aria-labelledby": "\(id)-heading"]) { page in
            page.element("h2", ["id": "\(id)-heading"], heading)
            content(&page)
        }
    }

    /// A table with a caption and column headings, which scrolls by itself where the page is too narrow for it.
    ///
    /// A caption that only repeats the heading above is there for who listens to the page, and not seen.
    func table(
        _ caption: String, isCaptionSeen: Bool = false, class name: String = "", columns: [Column],
        into page: inout Markup, content: (inout Markup) -> Void
    ) {
        page.element("div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": caption]) { page in
            page.element("table", ["class": name]) { page in
                page.element("caption", ["class": isCaptionSeen ? "" : "unseen"], caption)
                page.element("thead") { page in
                    page.element("tr") { page in
                        for column in columns {
                            page.element(
                                "th", ["scope": "col", "class": column.isNumber ? "number" : ""], column.heading)
                        }
                    }
                }
                content(&page)
            }
        }
    }

    struct Column {
        var heading: String
        var isNumber = false

        static func text(_ heading: String) -> Column { Column(heading: heading) }
        static func number(_ heading: String) -> Column { Column(heading: heading, isNumber: true) }
    }

    /// A verdict as a sign and a word, so that it needs no colour.
    func chip(_ verdict: Verdict?, _ word: String, into page: inout Markup) {
        page.element("span", ["class": "chip \(verdict?.rawValue ?? "plain")"]) { page in
            if let verdict { VerdictSign(verdict: verdict).draw(into: &page) }
            page.element("span", word)
        }
    }
}

import Aggregation

/// A verdict as a shape that is told apart without colour: a tick in a disc, a cross in an octagon, a question in a
/// diamond.
///
/// It stands beside the word and says nothing that the word does not, so assistive technology passes over it.
struct VerdictSign {
    let verdict: Verdict

    func draw(into page: inout Markup) {
        page.element("svg", ["class": "sign", "viewBox": "0 0 24 24", "aria-hidden": "true", "focusable": "false"]) {
            svg in
            svg.element("path", ["class": "outline", "d": outline], "")
            svg.element("path", ["class": "stroke", "d": stroke], "")
        }
    }

    private var outline: String {
        switch verdict {
        case .pass: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z"
        case .fail: "M8 2h8l6 6v8l-6 6h-8l-6-6v-8z"
        case .inconclusive: "M12 1l11 11l-11 11l-11-11z"
        }
    }

    private var stroke: String {
        switch verdict {
        case .pass: "M7 12.5l3.5 3.5l6.5-7.5"
        case .fail: "M8 8l8 8M16 8l-8 8"
        case .inconclusive: "M9.3 9.6a2.7 2.7 0 1 1 4.2 2.3c-1 .7-1.5 1.2-1.5 2.3M12 17v.3"
        }
    }
}

/// What the drawings of a report share: the size, the axis and the threshold.
///
/// Coordinates are CSS pixels at full width; a drawing shrinks with its page and never grows beyond.
struct Drawing {
    static let width = 720.0
    /// Of labels, and a little less for those of the axis.
    static let fontSize = 12.0
    /// Bold letters are this much wider, told as a size.
    static let boldSize = 13.0

    /// A number as SVG takes it, to a hundredth of a pixel.
    static func number(_ value: Double) -> String {
        Decimal(value)?.rounded(toPlace: -2).plain(separator: "").replacingMinus ?? "0"
    }

    /// An SVG that tells its content to who cannot see it; ids begin with `id`, which is unique on the page.
    static func svg(
        id: String, class name: String, height: Double, title: String, description: String, into page: inout Markup,
        content: (inout Markup) -> Void
    ) {
        let box = "0 0 \(number(width)) \(number(height))"
        let label = "\(id)-title \(id)-text"
        page.element(
            "svg",
            ["class": name, "viewBox": box, "role": "img", "aria-labelledby": label, "preserveAspectRatio": "xMinYMin"]
        ) { svg in
            svg.element("title", ["id": "\(id)-title"], title)
            svg.element("desc", ["id": "\(id)-text"], description)
            content(&svg)
        }
    }

    static func line(
        _ name: String, from start: (x: Double, y: Double), to end: (x: Double, y: Double), into svg: inout Markup
    ) {
        svg.element(
            "line",
            ["class": name, "x1": number(start.x), "y1": number(start.y), "x2": number(end.x), "y2": number(end.y)],
            "")
    }

    enum Anchor: String {
        case start
        case middle
        case end
    }

    static func label(
        _ text: String, _ name: String, x: Double, y: Double, _ anchor: Anchor, into svg: inout Markup
    ) {
        svg.element("text", ["class": name, "x": number(x), "y": number(y), "text-anchor": anchor.rawValue], text)
    }

    /// The axis with its marks; those whose labels would touch the one before are left without.
    static func axis(_ axis: Axis, y: Double, label: (Double) -> String, into svg: inout Markup) {
        line("axis", from: (axis.places.lowerBound, y), to: (axis.places.upperBound, y), into: &svg)
        var free = -Double.infinity
        for mark in axis.marks(about: 6) {
            let x = axis.place(mark)
            line("axis", from: (x, y), to: (x, y + 5), into: &svg)
            let text = label(mark)
            let half = VisibleText.width(text, size: 11) / 2
            guard x - half > free else { continue }
            Self.label(text, "tick", x: x, y: y + 17, .middle, into: &svg)
            free = x + half + 8
        }
    }

    /// The good side of a threshold, the threshold, and its label with an arrow to the good side.
    static func threshold(
        _ text: String, isAtLeast: Bool, x: Double, in places: ClosedRange<Double>, top: Double, bottom: Double,
        into svg: inout Markup
    ) {
        let good = isAtLeast ? (x, max(places.upperBound - x, 0)) : (places.lowerBound, max(x - places.lowerBound, 0))
        svg.element(
            "rect",
            [
                "class": "good", "x": number(good.0), "y": number(top), "width": number(good.1),
                "height": number(bottom - top),
            ], "")
        line("threshold", from: (x, top - 4), to: (x, bottom), into: &svg)
        let label = isAtLeast ? "\(text) →" : "← \(text)"
        let width = VisibleText.width(label, size: boldSize)
        let fitsRight = x + 5 + width <= Self.width
        let fitsLeft = x - 5 - width >= 0
        let goesRight = isAtLeast ? fitsRight || !fitsLeft : !fitsLeft
        Self.label(label, "limit", x: goesRight ? x + 5 : x - 5, y: top - 8, goesRight ? .start : .end, into: &svg)
    }
}

extension String {
    /// SVG knows the hyphen only.
    fileprivate var replacingMinus: String {
        hasPrefix("\u{2212}") ? "-" + dropFirst() : self
    }
}

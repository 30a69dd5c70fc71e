import Foundation
import Testing

@testable import Reports

@Suite("Colours of the page")
struct ContrastTests {
    /// Text and what it stands on; chips and drawings stand on paper, labels of drawings on the good side too.
    private static let pairs = [
        ("ink", "paper"), ("muted", "paper"), ("ink", "faint"), ("muted", "faint"), ("accent", "paper"),
        ("accent", "good"), ("muted", "good"), ("ink", "good"), ("pass", "paper"), ("fail", "paper"),
        ("inconclusive", "paper"), ("pass", "pass-tint"), ("fail", "fail-tint"), ("inconclusive", "inconclusive-tint"),
        ("muted", "pass-tint"), ("muted", "fail-tint"), ("muted", "inconclusive-tint"), ("ink", "pass-tint"),
        ("ink", "fail-tint"), ("ink", "inconclusive-tint"),
    ]

    @Test("text meets WCAG 2.2 AA in light and in dark", arguments: [0, 1])
    func contrast(_ theme: Int) throws {
        // The first :root is the light one, the second the dark one.
        let blocks = "\(Stylesheet.css)".components(separatedBy: ":root {").dropFirst()
        var colours: [String: Double] = [:]
        for match in Array(blocks)[theme].prefix(while: { $0 != "}" }).matches(of: /--([a-z-]+): #([0-9a-f]{6});/) {
            colours[String(match.1)] = Self.luminance(try #require(Int(match.2, radix: 16)))
        }
        #expect(colours.count == 13)
        for (text, ground) in Self.pairs {
            let (one, other) = (try #require(colours[text]), try #require(colours[ground]))
            let ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
            #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
        }
    }

    /// Relative luminance of an sRGB colour (WCAG 2.2, definition of "relative luminance").
    private static func luminance(_ colour: Int) -> Double {
        let channels = [16, 8, 0].map { shift in
            let value = Double(colour >> shift & 255) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}

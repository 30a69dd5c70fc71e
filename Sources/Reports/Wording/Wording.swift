import Aggregation

/// The words of a report in one language, both languages side by side so that neither can fall behind.
///
/// Sentences take plain values and give plain text: escaping is the writer's work.
struct Wording: Sendable {
    let language: ReportLanguage

    /// One text or the other.
    func pick(_ english: String, _ chinese: String) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// A text that came with the summary.
    func text(_ text: Summary.Text) -> String { text[language.tag] }

    /// An English noun with its number, `1 run`, `12 runs`; in Chinese the number and the noun as given.
    func counted(_ count: some BinaryInteger, _ singular: String, _ plural: String, _ chinese: String) -> String {
        let number = Figure.count(count)
        return pick("\(number) \(count == 1 ? singular : plural)", "\(number) \(chinese)")
    }

    /// A number that may not be shared.
    func counted(_ count: Int?, _ singular: String, _ plural: String, _ chinese: String) -> String {
        count.map { counted($0, singular, plural, chinese) } ?? notShared(plural, chinese)
    }

    private func notShared(_ plural: String, _ chinese: String) -> String {
        pick("a number of \(plural) that is not shared", "若干\(chinese)（数目不公开）")
    }

    func runs(_ count: Int) -> String { counted(count, "run", "runs", "次运行") }

    func samples(_ count: UInt64) -> String { counted(count, "sample", "samples", "个样本") }

    /// A number with its unit: `12 s`, and for one over a time `0.5 per hour`.
    func quantity(_ number: String, _ code: String) -> String {
        let times = [
            "/s": ("second", "秒"), "/min": ("minute", "分钟"), "/h": ("hour", "小时"), "/d": ("day", "天"),
            "/wk": ("week", "周"), "/mo": ("month", "月"), "/a": ("year", "年"),
        ]
        guard number != Figure.missing, let time = times[code] else { return UnitSymbol.attach(code, to: number) }
        return pick("\(number) per \(time.0)", "每\(time.1) \(number) 次")
    }

    /// Words in a row: `a, b and c`.
    func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: pick(", ", "、")) + pick(" and ", "和") + last
    }

    /// The most of `words` that a sentence can bear, and how many there are beyond.
    func shortList(_ words: [String], most: Int = 6) -> String {
        guard words.count > most + 1 else { return list(words) }
        let rest = Figure.count(words.count - most)
        return words.prefix(most).joined(separator: pick(", ", "、")) + pick(" and \(rest) more", "等共 \(words.count) 项")
    }

    /// A name as it is written in a sentence, so that its end is seen.
    func quoted(_ name: String) -> String { pick("“\(name)”", "“\(name)”") }

    var yes: String { pick("yes", "是") }
    var no: String { pick("no", "否") }
    var none: String { pick("none", "无") }
    var notKnown: String { pick("not known", "未知") }
    /// Between two parts of a line.
    var colon: String { pick(": ", "：") }
}

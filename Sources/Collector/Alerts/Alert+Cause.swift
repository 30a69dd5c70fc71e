import Telemetry

extension Alert.Cause: Comparable {
    /// Names the cause among those of its scenario: `<kind>|<rule>|<site>|<run>|<source>`. The source comes last, for it may hold anything.
    var key: String {
        "\(kind.rawValue)|\(rule)|\(site?.text ?? "")|\(run?.text ?? "")|\(source ?? "")"
    }

    /// Reads a key; nil for what is none.
    init?(key: String, of scenario: Identifier) {
        let parts = key.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let kind = Alert.Kind(rawValue: String(parts[0])) else { return nil }
        let (site, run) = (Identifier(parts[2]), Identifier(parts[3]))
        guard parts[2].isEmpty == (site == nil), parts[3].isEmpty == (run == nil) else { return nil }
        self.init(
            kind, String(parts[1]), of: scenario, site: site, run: run,
            source: parts[4].isEmpty ? nil : String(parts[4]))
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.scenario.text, a.key) < (b.scenario.text, b.key)
    }
}

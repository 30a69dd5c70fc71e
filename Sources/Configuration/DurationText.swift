/// Durations on a command line, written as in a configuration.
package enum DurationText {
    /// `10ms`, `1.5s`, `1h30m` in nanoseconds; nil for what is no duration.
    package static func nanoseconds(_ text: String) -> Int64? {
        do throws(InvalidValue) {
            return try Nanoseconds.parse(text)
        } catch {
            return nil
        }
    }
}

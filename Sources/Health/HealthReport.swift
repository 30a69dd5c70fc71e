import JSON
package import Platform

/// How a program is, in one word and the reasons for it.
package struct HealthReport: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// All is well.
        case ok
        /// It does what it is there for, but something that it relies on does not, such as a broker or a sensor. A restart cures nothing.
        case degraded
        /// It is not ready yet.
        case starting
        /// It has been told to end.
        case stopping
        /// It does not do what it is there for. A restart may help, and the watchdog is not fed.
        case stalled
    }

    package let state: State
    package let reasons: [String]

    /// - Parameters:
    ///   - phase: of the program's life.
    ///   - activity: what is under way while it starts.
    ///   - faults: why it does not do what it is there for.
    ///   - remarks: what it relies on and does not have.
    package init(_ phase: ServiceWatch.Phase, activity: String = "", faults: [String], remarks: [String]) {
        switch phase {
        case .starting: (state, reasons) = (.starting, activity.isEmpty ? [] : [activity])
        case .stopping: (state, reasons) = (.stopping, [])
        case .running where !faults.isEmpty: (state, reasons) = (.stalled, faults)
        case .running: (state, reasons) = (remarks.isEmpty ? .ok : .degraded, remarks)
        }
    }

    /// Whether it does what it is there for.
    package var isAlive: Bool { state == .ok || state == .degraded }

    /// What `GET /healthz` is answered: 200 or 503, with `{"state":"…","reasons":["…"]}`.
    package var answer: HTTPAnswer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("state", state.rawValue)
        writer.key("reasons")
        writer.beginArray()
        for reason in reasons { writer.string(reason) }
        writer.endArray()
        writer.endObject()
        return HTTPAnswer(
            isAlive ? .ok : .serviceUnavailable, "application/json", writer.bytes + [UInt8(ascii: "\n")])
    }
}

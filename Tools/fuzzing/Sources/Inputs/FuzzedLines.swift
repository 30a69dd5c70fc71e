package import Telemetry

/// What the `line` input does with the bytes of one sender, without the socket.
package struct FuzzedLines {
    private var intake: LineIntake

    /// Made anew for each sender: what one sends must not change what another gets. `precision`: the unit of timestamps.
    package init(_ precision: LinePrecision, into sink: any SampleSink, environment: InputEnvironment) {
        intake = LineIntake(
            LineSettings(listen: .unix(path: "/none"), precision: precision, device: "arm-07"),
            environment: environment, sink: sink)
    }

    /// Takes a connection's bytes as they arrive in `chunks`, as a server does, and its end.
    package mutating func stream(_ chunks: [ArraySlice<UInt8>], arrival: Timestamp) {
        var source = LineSource(.process(nil, connection: 1))
        var pending: [UInt8] = []
        for chunk in chunks + [[]] {
            pending += chunk
            let ending: LineSource.Ending = chunk.isEmpty ? .closed : .open
            var used = pending.withUnsafeBytes {
                intake.take($0, from: &source, arrival: arrival, ending: ending)
            }
            precondition((0...pending.count).contains(used), "no more is used up than there is")
            if ending == .open, source.openTextSince != nil, pending.count - used > LineIntake.longestLine {
                used += pending[used...].withUnsafeBytes {
                    intake.take($0, from: &source, arrival: arrival, ending: .overdueText)
                }
            }
            precondition(pending.count - used <= LineIntake.longestLine, "what waits is bounded")
            precondition(ending == .open || used == pending.count, "nothing waits after the end")
            pending.removeFirst(used)
        }
        intake.flush()
    }

    /// Takes a datagram.
    package mutating func datagram(_ bytes: [UInt8], arrival: Timestamp) {
        var source = LineSource(.process(nil, connection: 1))
        let used = bytes.withUnsafeBytes { intake.take($0, from: &source, arrival: arrival, ending: .datagram) }
        precondition(used == bytes.count, "nothing of a datagram waits")
        intake.flush()
    }
}

import Delivery
import Logging
import Platform
import SegmentLog
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

// MARK: - Requests of persons

extension AgentCourse {
    mutating func take(_ request: OperatorRequest) {
        guard !isEnding else { return say(Answer(.refused, to: request, text: "the agent is stopping")) }
        switch attendance.desk.received(request, at: clock.monotonic) {
        case .ignore: break
        case .answer(let answer): say(answer)
        case .record(let request, let passedOver):
            let reply = Mailbox<ControlAnswer>(capacity: 1)
            if let refusal = record(request.received(at: clock.now, passedOver: passedOver), reply) {
                return end(Answer(.refused, to: request, text: refusal), isOnRecord: false)
            }
            attendance.recording.append((request, reply))
        }
    }

    /// A message that cannot be read: a flood of them must not fill the log either.
    mutating func complain(of topic: String, _ error: DeliveryError) {
        guard let silent = attendance.complaints.admit(at: clock.monotonic) else { return }
        var metadata: Logger.Metadata = ["topic": "\(topic)", "reason": "\(error)"]
        if silent > 0 { metadata["others"] = "\(silent)" }
        logger.warning("a message was refused", metadata: metadata)
    }

    /// Goes on with what was asked; called whenever something has happened.
    mutating func attend(_ now: Int64) {
        guard !attendance.isIdle || uplink.replay.hasEnded else { return }
        let recording = attendance.recording
        attendance.recording.removeAll()
        for (request, reply) in recording {
            var answers: [ControlAnswer] = []
            reply.take(into: &answers, until: 0)
            switch answers.first {
            case nil: attendance.recording.append((request, reply))
            case .stored?:
                if let request = attendance.desk.recorded(request.id) { carryOut(request) }
            case .refused(let reason)?: end(Answer(.refused, to: request, text: reason), isOnRecord: false)
            case .status?: break
            }
        }
        attendDrains(now)
        attendResends(now)
        guard link.isUp else { return }
        let unsaid = attendance.unsaid
        attendance.unsaid.removeAll()
        for answer in unsaid { say(answer) }
    }

    private mutating func carryOut(_ request: OperatorRequest) {
        logger.notice(
            "a request is carried out",
            metadata: ["command": "\(request.task.name)", "by": "\(request.by)", "request": "\(request.id)"])
        switch request.task {
        case .diagnose:
            end(Answer(.done, to: request, report: diagnosis()))
        case .drain(let stop):
            say(Answer(.accepted, to: request))
            attendance.drains.append(Attendance.Drain(request: request, stop: stop))
            // What is open is stored in the next turn, and what waits for an answer need not wait for its time-out.
            closeAtOnce()
            uplink.sendAllAgain()
        case .resend(let selection):
            say(Answer(.accepted, to: request))
            uplink.resend(selection, for: request.id, spool)
            attendance.resends.append(Attendance.Resending(request: request))
        }
    }

    // MARK: - Draining

    private mutating func attendDrains(_ now: Int64) {
        for index in attendance.drains.indices.reversed() {
            var drain = attendance.drains[index]
            guard let goals = drain.goals else {
                guard isClosed(now) else { continue }
                drain.goals = PriorityClass.allCases.map { spool.durable($0) }
                drain.whole = left(before: drain.goals ?? [])
                attendance.drains[index] = drain
                continue
            }
            let left = left(before: goals)
            if left == 0 {
                attendance.drains.remove(at: index)
                let text = drain.stop ? "everything is delivered; the agent stops now" : "everything is delivered"
                end(Answer(.done, to: drain.request, text: text, left: 0, of: drain.whole))
                if drain.stop { stopAgent() }
            } else if now >= drain.nextWord, drain.told != left {
                drain.nextWord = now + Attendance.wordInterval
                drain.told = left
                attendance.drains[index] = drain
                say(Answer(.working, to: drain.request, left: left, of: max(left, drain.whole)))
            }
        }
    }

    /// Frames through these positions that are not released.
    private func left(before goals: [UInt64]) -> UInt64 {
        zip(PriorityClass.allCases, goals).reduce(0) { sum, goal in
            let released = spool.released(goal.0)
            return sum + (goal.1 > released ? goal.1 - released : 0)
        }
    }

    /// Ends the agent as `systemctl stop` does: inputs end, what is left is stored and delivered, `offline` is published.
    private func stopAgent() {
        logger.notice("stopping, as was asked")
        kill(getpid(), SIGTERM)
    }

    // MARK: - Sending again

    private mutating func attendResends(_ now: Int64) {
        for ended in uplink.replay.takeEnded() {
            guard let index = attendance.resends.firstIndex(where: { $0.request.id == ended.request }) else { continue }
            let request = attendance.resends.remove(at: index).request
            guard let sent = ended.sent else {
                end(Answer(.refused, to: request, text: "the broker refuses frames of this agent; check its ACL"))
                continue
            }
            end(Answer(.done, to: request, text: resent(sent, spool.statistics.pendingRecords), left: 0, of: sent))
        }
        for index in attendance.resends.indices where now >= attendance.resends[index].nextWord {
            let request = attendance.resends[index].request
            guard let job = uplink.replay.jobs.first(where: { $0.request == request.id }) else {
                // There was no room for it.
                attendance.resends[index].nextWord = .max
                end(Answer(.refused, to: request, text: "too many frames are being sent again; try again"))
                continue
            }
            if attendance.resends[index].nextWord > 0 {
                say(Answer(.working, to: request, left: job.left, of: job.extent))
            }
            attendance.resends[index].nextWord = now + Attendance.wordInterval
        }
        attendance.resends.removeAll { $0.nextWord == .max }
    }

    private func resent(_ sent: UInt64, _ pending: Int) -> String {
        let again = "\(sent) \(sent == 1 ? "frame" : "frames") of those that the collector has acknowledged went again"
        return pending == 0 ? again : "\(again); \(pending) more wait to be acknowledged"
    }

    // MARK: - What is said

    /// The request has ended. Puts that on record, too, where the request is.
    mutating func end(_ answer: Answer, isOnRecord: Bool = true) {
        attendance.desk.ended(answer)
        if isOnRecord { intake.accept(answer.event(at: clock.now)) }
        say(answer)
    }

    /// Says something, now or when the connection takes it; how far something has come is not said late.
    private mutating func say(_ answer: Answer) {
        guard !publish(answer.json, to: topics.answer, retain: false), answer.state.isLast else { return }
        if attendance.unsaid.count == Attendance.mostUnsaid { attendance.unsaid.removeFirst() }
        attendance.unsaid.append(answer)
    }
}

extension OperatorRequest {
    /// The event that puts the request on record.
    func received(at time: Timestamp, passedOver: Int) -> Event {
        var attributes = [
            Event.Attribute("command", .text(task.name)), .init("request", .text(id.description)),
            .init("by", .text(by)),
        ]
        switch task {
        case .diagnose, .resend(.everything): break
        case .drain(stop: false): break
        case .drain(stop: true): attributes.append(.init("stop", .boolean(true)))
        case .resend(.frames(let stream, let ranges)):
            let text = ranges.prefix(16).map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
            attributes.append(
                .init(
                    "frames",
                    .text(
                        "\(stream.install)/\(stream.epoch)/\(stream.priority.name) \(text)\(ranges.count > 16 ? ",…" : "")"
                    )
                ))
        }
        if passedOver > 0 { attributes.append(.init("passed_over", .integer(Int64(passedOver)))) }
        return Event(Event.commandReceivedName, at: time, attributes: attributes)
    }
}

extension Answer {
    /// The event that says how a request ended.
    func event(at time: Timestamp) -> Event {
        var attributes = [
            Event.Attribute("command", .text(command)), .init("request", .text(request.description)),
            .init("state", .text(state.rawValue)),
        ]
        if let text { attributes.append(.init("text", .text(text))) }
        return Event(Event.commandEndedName, at: time, attributes: attributes)
    }
}

import JSON
import Platform
import Telemetry

extension ControlAnswer {
    /// How long the engine may take for an answer, nanoseconds: a sync on a slow card is in it.
    private static let patience: Int64 = 8_000_000_000

    /// Carries out one request line and makes the answer line.
    static func answer(_ line: [UInt8], through mailbox: Mailbox<AgentEngine.Message>) -> [UInt8] {
        let clock = SystemClock()
        let reply = Mailbox<ControlAnswer>(capacity: 1)
        let isPosted: Bool
        do throws(AgentError) {
            switch try ControlRequest(line: line) {
            case .status: isPosted = mailbox.post(.status(reply))
            case .mark(let name, let attributes):
                isPosted = mailbox.post(.mark(Event(name, at: clock.now, attributes: attributes), reply))
            }
        } catch {
            return ControlAnswer.refused(error.message).line
        }
        var answers: [ControlAnswer] = []
        let deadline = clock.monotonic + patience
        while isPosted, answers.isEmpty, clock.monotonic < deadline { reply.take(into: &answers, until: deadline) }
        return (answers.first ?? .refused("the agent is too busy to answer; try again")).line
    }

    /// The answer as one line of JSON, newline included.
    private var line: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        switch self {
        case .stored:
            writer.member("ok", true)
        case .refused(let reason):
            writer.member("ok", false)
            writer.member("error", reason)
        case .status(let status):
            writer.member("ok", true)
            status.write(to: &writer)
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

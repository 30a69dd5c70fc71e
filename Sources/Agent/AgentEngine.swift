import Connection
import Delivery
import Frames
import Logging
import Mosquitto
package import Pipeline
package import Platform
import SegmentLog
import Telemetry

/// The heart of the agent: one thread that owns the spool and everything about delivery.
///
/// Whatever happens elsewhere (samples, answers of the broker, requests of a person) reaches it through the intake or the mailbox;
/// it stores, syncs, and only then publishes.
package final class AgentEngine: Sendable {
    /// What reaches the engine from other threads.
    enum Message: Sendable {
        case mqtt(MQTTEvent)
        case mark(Event, Mailbox<ControlAnswer>)
        case status(Mailbox<ControlAnswer>)
        /// Take up certificates and passwords that were renewed, now.
        case credentials
        /// Whoever watches wants to know how things are.
        case figures(Mailbox<AgentFigures>)
        /// Deliver what can be delivered until this time (`CLOCK_MONOTONIC`, ns), then end.
        case drain(until: Int64)
    }

    package let intake: SampleIntake
    let mailbox: Mailbox<Message>
    private let clock = SystemClock()
    private let pulse: LoopPulse

    /// `shaping`: of all that inputs give; `redaction`, `consent`: also of what people mark; `pulse`: shows whether the engine comes round.
    package init(
        shaping: Shaping = .none, redaction: Redaction = .none, consent: Consent = .none, pulse: LoopPulse = LoopPulse()
    ) {
        self.pulse = pulse
        let mailbox = Mailbox<Message>(capacity: 4096)
        self.mailbox = mailbox
        intake = SampleIntake(shaping: shaping, redaction: redaction, consent: consent) { mailbox.wake() }
    }

    /// Runs until a `drain` message has been carried out. Blocks: call it on a thread of its own.
    ///
    /// - Throws: `AgentError` when the disk fails for good; what is durable stays durable.
    func run<Files: FileSystem>(
        _ settings: AgentSettings, spool: consuming Spool<Files>, consent: ConsentFile<Files>, client: MQTTClient,
        credentials: CredentialWatch, recent: RecentLog = RecentLog(), logger: Logger
    ) throws(AgentError) {
        var course = AgentCourse(
            settings, spool: spool, consent: consent, client: client, credentials: credentials, clock: clock,
            intake: intake, recent: recent, logger: logger)
        var messages: [Message] = []
        do throws(AgentError) {
            while true {
                let deadline = course.wakeAt
                // A time that has passed means now.
                pulse.waits(until: max(deadline, clock.monotonic))
                mailbox.take(into: &messages, until: deadline)
                pulse.works(at: clock.monotonic)
                for message in messages { course.handle(message) }
                messages.removeAll(keepingCapacity: true)
                if try course.advance() { break }
            }
        } catch {
            course.refuseMarks(error.description)
            throw error
        }
        try course.finish()
    }

    /// Nobody may wait for an engine that has ended, or the whole program waits with him.
    func close() {
        for message in mailbox.close() {
            switch message {
            case .mark(_, let reply), .status(let reply): _ = reply.post(.refused("the agent is ending"))
            // Whoever watches waits no longer than his patience.
            case .mqtt, .credentials, .drain, .figures: break
            }
        }
    }

    /// Has the engine look whether certificates and passwords were renewed.
    func lookAtCredentials() { mailbox.insist(.credentials) }

    /// Asks the engine to deliver what it can and end.
    func drain(within nanoseconds: Int64) {
        let deadline = clock.monotonic + nanoseconds
        mailbox.insist(.drain(until: deadline))
    }
}

/// What the engine answers to a request of the control socket.
enum ControlAnswer: Sendable {
    /// The event is on disk.
    case stored
    case status(AgentStatus)
    case refused(String)
}

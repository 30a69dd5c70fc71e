package import Delivery
import Frames
import Installation
package import Mosquitto
package import SegmentLog
package import Telemetry

/// The wire, as the uplink sees it.
package protocol FrameWire {
    /// Hands a frame over; throws when it was not taken, because the connection is down or its window is full.
    func send(_ frame: [UInt8], of priority: PriorityClass, token: Token) throws(MosquittoError)
}

/// Sends what is durable in the spool, class by class, and releases what is safe elsewhere.
///
/// Joins the send windows (what is due), the spool (the bytes) and the MQTT client (the wire); it decides nothing itself.
package struct Uplink: ~Copyable {
    /// What the operator should hear of.
    package enum Notice: Hashable, Sendable {
        /// Frames in the log cannot be read back.
        case unreadable(PriorityClass, positions: ClosedRange<UInt64>)
        /// The broker refuses a class.
        case refused(PriorityClass, reason: UInt8, permanent: Bool)
        /// The client refuses a frame that it can never send.
        case unsendable(PriorityClass, String)
        /// The collector asked for frames that the spool does not have.
        case unavailable(PriorityClass, frames: UInt64)
    }

    /// The frame last read on a course; when damaged ones follow it, the next one tells which they were.
    struct Trail {
        var last: FrameHeader?
        /// How many damaged ones followed it.
        var lost: UInt64 = 0
    }

    var windows: [SendWindow]
    /// Two readers a class: of its backlog, and of what is stored while that drains.
    private var backlog: InlineArray<3, LogReader>
    private var live: InlineArray<3, LogReader>
    /// Of what was released.
    var held: InlineArray<3, LogReader>
    var replay = Replay()
    private var token: Token = 0
    var payload: [UInt8] = []
    var trails: [[SendWindow.Course: Trail]] = [[:], [:], [:]]
    /// 0 to 1: spreads the resends of many agents.
    private let jitter: @Sendable () -> Double
    /// The wire took no more; it takes more when it has an answer or is made anew, not because time passes.
    private var isWireFull = false
    var notices: [Notice] = []
    /// What the collector asked for and was told to be gone.
    var answered: [StreamReference: IntervalSet] = [:]
    /// Which life of an archive is answered.
    private var generation: UUIDBytes?
    /// Frames handed to the wire, those sent again included.
    package private(set) var sent: UInt64 = 0
    /// Frames handed to the wire again.
    package private(set) var resent: UInt64 = 0

    package init(
        _ spool: borrowing Spool<some FileSystem>, authority: SendWindow.Authority, window limit: Int = 64,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.jitter = jitter
        windows = []
        for priority in PriorityClass.allCases {
            windows.append(
                SendWindow(
                    install: spool.identity.install, priority: priority, released: spool.released(priority),
                    limit: limit,
                    authority: authority))
        }
        backlog = [spool.reader(of: .event), spool.reader(of: .metric), spool.reader(of: .bulk)]
        live = [spool.reader(of: .event), spool.reader(of: .metric), spool.reader(of: .bulk)]
        held = [spool.reader(of: .event), spool.reader(of: .metric), spool.reader(of: .bulk)]
    }

    /// The earliest time at which something is due again; nil while only news from the wire can help.
    package var dueAt: Int64? {
        guard !isWireFull else { return nil }
        return replay.isReady ? .min : windows.compactMap(\.dueAt).min()
    }

    /// How many frames are sent and not acknowledged.
    package var unacknowledged: Int { windows.reduce(0) { $0 + $1.unacknowledged } }

    package mutating func connected(_ spool: borrowing Spool<some FileSystem>) {
        for priority in PriorityClass.allCases {
            windows[Int(priority.rawValue)].connected(durable: spool.durable(priority))
        }
        replay.connected()
    }

    package mutating func disconnected() {
        for index in windows.indices { windows[index].disconnected() }
        replay.disconnected()
    }

    /// A collector said that it is here, with this life of its archive.
    package mutating func greeted(by generation: UUIDBytes) {
        note(generation)
        for index in windows.indices { windows[index].greeted() }
    }

    /// What another life of the archive was told, this one may not know.
    private mutating func note(_ generation: UUIDBytes) {
        if self.generation != generation { answered.removeAll() }
        self.generation = generation
    }

    /// The broker answered for the frame sent under `token`.
    package mutating func answered(_ token: Token, reason: UInt8, at now: Int64, in spool: inout Spool<some FileSystem>)
    {
        if replay.answered(token, reason: reason) { return }
        for index in windows.indices {
            switch windows[index].answered(token: token, reason: reason, at: now) {
            case .unexpected: continue
            case .accepted: break
            case .refused(let reason, let permanent):
                notices.append(.refused(PriorityClass.allCases[index], reason: reason, permanent: permanent))
            }
            break
        }
        release(in: &spool)
    }

    /// The collector keeps these frames.
    package mutating func acknowledged(_ acknowledgement: Acknowledgement, in spool: inout Spool<some FileSystem>) {
        note(acknowledgement.generation)
        for index in windows.indices { windows[index].acknowledged(acknowledgement) }
        release(in: &spool)
    }

    /// The spool let these frames go.
    package mutating func forgot(through position: UInt64, of priority: PriorityClass) {
        windows[Int(priority.rawValue)].forgot(through: position)
    }

    package mutating func takeNotices() -> [Notice] {
        defer { notices.removeAll() }
        return notices
    }

    /// Sends whatever is due and fits, the most precious class first.
    package mutating func pump(_ spool: inout Spool<some FileSystem>, _ wire: some FrameWire, at now: Int64)
        throws(AgentError)
    {
        isWireFull = false
        for priority in PriorityClass.allCases {
            guard try pump(priority, &spool, wire, now) else {
                isWireFull = true
                return
            }
        }
        if try !pumpReplay(&spool, wire) { isWireFull = true }
    }

    /// Hands over what is in `payload` once more; it is in nobody's window.
    mutating func sendAgain(_ priority: PriorityClass, _ wire: some FrameWire) throws(MosquittoError) -> Token {
        token += 1
        try wire.send(payload, of: priority, token: token)
        sent += 1
        resent += 1
        return token
    }

    /// False when the wire takes no more for now.
    private mutating func pump(
        _ priority: PriorityClass, _ spool: inout Spool<some FileSystem>, _ wire: some FrameWire, _ now: Int64
    ) throws(AgentError) -> Bool {
        let index = Int(priority.rawValue)
        while true {
            let after: UInt64
            let course: SendWindow.Course?
            switch windows[index].next(at: now, durable: spool.durable(priority)) {
            case .idle, .wait: return true
            case .resend(let position): (after, course) = (position - 1, nil)
            case .send(let frontier, let way): (after, course) = (frontier, way)
            }
            switch try read(after: after, of: priority, on: course ?? .backlog, &spool) {
            case .end:
                guard course == nil else { return true }
                windows[index].forgot(through: after + 1)
            case .lost(let positions):
                let lost = positions.lowerBound.number...positions.upperBound.number
                guard try lose(lost, of: priority, on: course, &spool) else { return false }
            case .record(let entry):
                let position = entry.position.number
                if course == nil, position != after + 1 {
                    windows[index].forgot(through: after + 1)
                } else if course == .backlog, windows[index].wentAhead(position) {
                    trails[index][.backlog] = nil
                } else if try !send(position, priority, on: course, &spool, wire, now) {
                    return false
                }
            }
        }
    }

    /// Reads the first frame after a position into `payload`.
    mutating func read(
        after position: UInt64, of priority: PriorityClass, on course: SendWindow.Course,
        _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) -> ReadStep {
        let index = Int(priority.rawValue)
        switch course {
        case .backlog:
            if backlog[index].position.number != position { backlog[index].seek(after: Position(position)) }
            return try spool.next(&backlog[index], into: &payload)
        case .live:
            if live[index].position.number != position { live[index].seek(after: Position(position)) }
            return try spool.next(&live[index], into: &payload)
        }
    }

    /// False when the wire takes no more for now. `course`: nil when the frame goes again.
    private mutating func send(
        _ position: UInt64, _ priority: PriorityClass, on course: SendWindow.Course?,
        _ spool: inout Spool<some FileSystem>, _ wire: some FrameWire, _ now: Int64
    ) throws(AgentError) -> Bool {
        let index = Int(priority.rawValue)
        let header: FrameHeader
        do throws(FrameError) {
            header = try FrameHeader.peek(payload)
        } catch {
            guard error.code != .unsupportedVersion else { throw .newerFrames(in: spool.path) }
            // The log's own checksum held, so this was written wrong: it must not be sent as data.
            return try lose(position...position, of: priority, on: course, &spool)
        }
        if let course {
            guard try follow(header, index, course, &spool) else { return false }
        }
        token += 1
        do throws(MosquittoError) {
            try wire.send(payload, of: priority, token: token)
        } catch {
            guard error.code == .tooLarge else { return false }
            var loss = LossTally(reason: .refused)
            loss.add(payload)
            guard try declare(loss.declarations, &spool) else { return false }
            notices.append(.unsendable(priority, error.message))
            giveUp(position...position, of: priority, on: course, &spool)
            return true
        }
        sent += 1
        if course == nil { resent += 1 }
        let frame = SendWindow.SentFrame(
            position: position, epoch: header.stream.epoch, sequence: header.sequence, ordinals: header.ordinals)
        windows[index].sent(frame, on: course, token: token, at: now, jitter: jitter())
        return true
    }

    mutating func release(in spool: inout Spool<some FileSystem>) {
        for priority in PriorityClass.allCases {
            if let position = windows[Int(priority.rawValue)].takeReleasable() {
                spool.release(through: position, of: priority)
            }
        }
    }
}

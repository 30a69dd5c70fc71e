import Delivery
import Installation
import Mosquitto
import SegmentLog
import Telemetry

/// Frames that are to go once more although they were released: somebody who had them has lost them, and the disk still has them.
struct ReplayJob: Sendable {
    /// Frames of one class, in their order.
    struct Course: Sendable {
        let priority: PriorityClass
        /// Nil for all.
        let epoch: UInt64?
        /// Their numbers; nil for all.
        let wanted: IntervalSet?
        /// Of those that were sent, where some are wanted.
        var found = IntervalSet()
        /// The position behind which is read next, and the last one that is meant.
        var cursor: UInt64
        let end: UInt64
    }

    /// Who asked: nil for the collector, who is told of what is not there.
    let request: UUIDBytes?
    /// The stream of the collector's question.
    let stream: StreamReference?
    fileprivate(set) var courses: [Course]
    /// Positions to go through, over all courses.
    let extent: UInt64
    fileprivate(set) var sent: UInt64 = 0

    private init(_ request: UUIDBytes?, _ stream: StreamReference?, _ courses: [Course]) {
        self.request = request
        self.stream = stream
        self.courses = courses
        extent = courses.filter { $0.cursor < $0.end }.reduce(0) { $0 + $1.end - $1.cursor }
    }

    /// What a person selected.
    init(_ selection: OperatorRequest.Selection, for request: UUIDBytes, _ spool: borrowing Spool<some FileSystem>) {
        switch selection {
        case .everything:
            self.init(
                request, nil,
                PriorityClass.allCases.map {
                    Course(
                        priority: $0, epoch: nil, wanted: nil, cursor: spool.startOfHeld($0), end: spool.released($0))
                })
        case .frames(let stream, let ranges):
            self.init(request, nil, [Self.course(IntervalSet(ranges), of: stream, spool)])
        }
    }

    /// What the collector lacks.
    init(lacking frames: IntervalSet, of stream: StreamReference, _ spool: borrowing Spool<some FileSystem>) {
        self.init(nil, stream, [Self.course(frames, of: stream, spool)])
    }

    private static func course(
        _ frames: IntervalSet, of stream: StreamReference, _ spool: borrowing Spool<some FileSystem>
    ) -> Course {
        var cursor = spool.startOfHeld(stream.priority)
        if stream.install != spool.identity.install {
            cursor = .max
        } else if stream.epoch == spool.identity.epoch, let first = frames.ranges.first?.lowerBound,
            let position = spool.position(of: first, stream.priority)
        {
            cursor = max(cursor, position - 1)
        }
        return Course(
            priority: stream.priority, epoch: stream.epoch, wanted: frames, cursor: cursor,
            end: spool.released(stream.priority))
    }

    /// Positions that are still to be gone through.
    var left: UInt64 { courses.reduce(0) { $0 + $1.end - min($1.cursor, $1.end) } }
}

/// The jobs of an uplink, one after the other, a few frames at a time: they go when the windows have nothing that is due.
struct Replay: Sendable {
    private(set) var jobs: [ReplayJob] = []
    /// What the broker was given of the first job and has not answered, with its position.
    private var outstanding: [Token: (priority: PriorityClass, position: UInt64)] = [:]
    /// Of the requests of persons, that have ended since `takeEnded`; nil as a count where the broker refused.
    private var ended: [(request: UUIDBytes, sent: UInt64?)] = []

    /// How many frames may be unanswered, so that live ones find room.
    static let window = 16
    static let mostJobs = 16

    private var isConnected = false

    /// Whether something could be sent now, if the wire took it.
    var isReady: Bool { isConnected && course != nil && outstanding.count < Self.window }

    /// Takes a job, unless there are too many, or the collector has asked this already.
    mutating func ask(_ job: ReplayJob) {
        let isKnown = job.request == nil && jobs.contains { $0.request == nil && $0.stream == job.stream }
        guard jobs.count < Self.mostJobs, !isKnown else { return }
        jobs.append(job)
    }

    /// The course that goes on.
    var course: ReplayJob.Course? {
        jobs.first?.courses.first { $0.cursor < $0.end }
    }

    /// Nothing of this class is left to do through `position`.
    mutating func pass(_ position: UInt64, _ priority: PriorityClass) {
        change(priority) { $0.cursor = max($0.cursor, position) }
    }

    mutating func sent(_ token: Token, _ priority: PriorityClass, _ sequence: UInt64, at position: UInt64) {
        outstanding[token] = (priority, position)
        jobs[0].sent += 1
        change(priority) {
            $0.found.insert(sequence)
            $0.cursor = max($0.cursor, position)
        }
    }

    private mutating func change(_ priority: PriorityClass, _ body: (inout ReplayJob.Course) -> Void) {
        guard let index = jobs.first?.courses.firstIndex(where: { $0.priority == priority }) else { return }
        body(&jobs[0].courses[index])
    }

    /// The broker's answer to a frame; false for one that is none of these.
    mutating func answered(_ token: Token, reason: UInt8) -> Bool {
        guard outstanding.removeValue(forKey: token) != nil else { return false }
        if reason >= 0x80, !jobs.isEmpty {
            // The windows' own frames meet the same refusal, and the operator hears of that.
            if let request = jobs.removeFirst().request { ended.append((request, nil)) }
            outstanding.removeAll()
        }
        return true
    }

    mutating func connected() { isConnected = true }

    /// What was not answered goes again.
    mutating func disconnected() {
        isConnected = false
        for (_, frame) in outstanding {
            change(frame.priority) { $0.cursor = min($0.cursor, frame.position - 1) }
            jobs[0].sent -= min(jobs[0].sent, 1)
        }
        outstanding.removeAll()
    }

    /// The first job, if all of it has gone and was answered.
    mutating func takeFinished() -> ReplayJob? {
        guard let job = jobs.first, course == nil, outstanding.isEmpty else { return nil }
        jobs.removeFirst()
        if let request = job.request { ended.append((request, job.sent)) }
        return job
    }

    var hasEnded: Bool { !ended.isEmpty }

    mutating func takeEnded() -> [(request: UUIDBytes, sent: UInt64?)] {
        defer { ended.removeAll() }
        return ended
    }
}

import Delivery
import Foundation
import Frames
import Telemetry

/// A box that nobody can reach for hours, in simulated time on real files: its memory and its disk stay what they were, everything
/// it measured arrives or is declared lost, and while the backlog drains whoever watches sees the present.
struct Outage: ~Copyable {
    struct Plan {
        /// Seconds without a network.
        var seconds = 86_400
        var series = 200
        /// Bytes of disk that the spool may take.
        var budget = 512 << 20
        var segmentSize = 4 << 20
        /// Bytes a second that the network carries when it is back: 1 Mbit/s.
        var bandwidth = 125_000
        var directory = ""
        /// The spool is too small for the outage: the oldest data must go.
        var isOverflowing = false

        /// With a spool of few segments that have room for about a quarter of what is measured.
        static func overflowing(seconds: Int, directory: String) -> Plan {
            // A frame of 200 series takes about 700 bytes.
            let segment = max(seconds * 700 / 4 / 8 / 4096, 16) * 4096
            return Plan(
                seconds: seconds, budget: 12 * segment + 8192, segmentSize: segment, directory: directory,
                isOverflowing: true)
        }
    }

    /// By how much resident memory may grow from its level after the first minutes, bytes.
    private static let memorySlack = 4 << 20
    /// The spool's identity, and the one that replaces it, come on top of its budget, bytes.
    private static let identities = 2 * 48
    /// Live data may be so old while the backlog drains, nanoseconds.
    private static let freshness: Int64 = 5_000_000_000
    private static let step: Int64 = 10_000_000
    /// Seconds until everything that is made once has been made.
    private static let warming = 600

    private let plan: Plan
    private let clock = SimulatedClock()
    private let link: ThinLink
    private var agent: OutageAgent
    private var collector = OutageCollector(agent: OutageAgent.id)
    private var underWay: [(time: Int64, json: [UInt8])] = []
    private var sinceSecond: Int64 = 0
    /// Resident when everything that is made once had been made, and the most since; 0 for not yet.
    private var baseline = 0
    private var mostMemory = 0
    private var mostDisk = 0
    private var oldestLive: Int64 = 0

    init(_ plan: Plan) throws {
        self.plan = plan
        link = ThinLink(bytesPerSecond: plan.bandwidth, clock: clock)
        agent = try OutageAgent(plan, clock: clock)
    }

    /// Lives through it and prints the figures. Throws the first promise that is not kept.
    consuming func run() throws {
        let begin = Date()
        try endure()
        let (accepted, pending) = (agent.accepted, agent.pending)
        let outage = Date().timeIntervalSince(begin)
        print(
            """
            outage   \(plan.seconds) s, \(plan.series) series at 1 Hz: \(accepted) samples accepted, \
            \(accepted - agent.evictedSamples) in \(pending) frames on disk; lived through in \(Int(outage)) s
            disk     \(mebibytes(agent.usedBytes)) MiB hold frames, all files \(mebibytes(mostDisk)) of \
            \(mebibytes(plan.budget)) MiB
            memory   \(mebibytes(baseline)) MiB resident after \(Self.warming) s, \(mebibytes(mostMemory)) MiB at most
            """)
        let seconds = try drain()
        print(
            """
            drain    \(Int(seconds)) s at \(plan.bandwidth) B/s, \(mebibytes(link.bytesSent)) MiB sent, the link busy for \
            \(percent(utilisation(seconds))) of it; live data at most \(tenths(Double(oldestLive) / 1e9)) s old
            memory   \(mebibytes(baseline)) MiB resident 5 s into it, collector and all, \(mebibytes(mostMemory)) MiB at most
            """)
        try judge(drainSeconds: seconds)
        try agent.close()
    }

    private mutating func endure() throws {
        for second in 1...plan.seconds {
            clock.advance(1_000_000_000)
            try agent.liveThroughSecond()
            try agent.pump(link)
            if second == Self.warming { baseline = residentBytes() }
            if second % 60 == 0 { try look() }
        }
    }

    /// Samples memory and disk.
    private mutating func look() throws {
        guard baseline > 0 else { return }
        mostMemory = max(mostMemory, residentBytes())
        mostDisk = max(mostDisk, agent.diskBytes)
        guard mostMemory <= baseline + Self.memorySlack else {
            throw Violation("resident memory went from \(mebibytes(baseline)) to \(mebibytes(mostMemory)) MiB")
        }
        guard mostDisk <= plan.budget + Self.identities else {
            throw Violation("the spool takes \(mostDisk) bytes of \(plan.budget)")
        }
    }

    /// The network is back. Returns how many seconds it took until nothing but the present was pending.
    private mutating func drain() throws -> Double {
        let begin = clock.monotonic
        // From here on the collector's memory is in it: its own level counts.
        (baseline, mostMemory) = (0, 0)
        link.isUp = true
        agent.connected()
        // The present alone fills the link for a part of each second; at 100 s for one second of backlog it will never be done.
        let limit = begin + Int64(plan.seconds) * 100_000_000_000
        repeat {
            try tick()
            if clock.monotonic - begin > Self.freshness {
                if baseline == 0 { baseline = residentBytes() }
                let age = clock.reading.wall.nanoseconds - collector.newest
                oldestLive = max(oldestLive, age)
                guard age <= Self.freshness else {
                    throw Violation("live data are \(tenths(Double(age) / 1e9)) s old while the backlog drains")
                }
            }
            guard clock.monotonic < limit else { throw Violation("\(agent.pending) frames do not drain") }
        } while agent.pending > 2
        return Double(clock.monotonic - begin) / 1e9
    }

    private mutating func tick() throws {
        clock.advance(Self.step)
        sinceSecond += Self.step
        if sinceSecond == 1_000_000_000 {
            sinceSecond = 0
            try agent.liveThroughSecond()
            try look()
        }
        for packet in link.takeArrivals() { try collector.take(packet.bytes, of: packet.priority) }
        for token in link.takeAnswers() { agent.answered(token) }
        // Five ticks are what the collector's own sync takes.
        if sinceSecond % (5 * Self.step) == 0 {
            for json in collector.acknowledge() { underWay.append((clock.monotonic + ThinLink.latency, json)) }
        }
        while let first = underWay.first, first.time <= clock.monotonic {
            underWay.removeFirst()
            try agent.acknowledged(first.json)
        }
        try agent.pump(link)
    }

    private func utilisation(_ seconds: Double) -> Double {
        Double(link.bytesSent) / (seconds * Double(plan.bandwidth))
    }

    private mutating func judge(drainSeconds: Double) throws {
        // What was measured in the last second may still be under way.
        for _ in 0..<500 where agent.pending > 0 {
            clock.advance(Self.step)
            sinceSecond = 0
            try tick()
        }
        guard agent.pending == 0 else { throw Violation("\(agent.pending) frames are left") }
        var delivered: UInt64 = 0
        var declared: UInt64 = 0
        var doubled: UInt64 = 0
        for (stream, ledger) in collector.ledgers {
            delivered += ledger.deliveredCount
            declared += ledger.lostCount
            doubled += ledger.duplicates
            guard ledger.missingCount == 0, ledger.missing.isEmpty else {
                throw Violation("\(stream): \(ledger.missingCount) samples are missing that nobody declared")
            }
        }
        print(
            "account  accepted \(agent.accepted) = delivered \(delivered) + declared lost \(declared); "
                + "\(doubled) frames came twice")
        guard agent.accepted == delivered + declared else { throw Violation("the account does not add up") }
        guard declared == agent.evictedSamples, (declared > 0) == plan.isOverflowing else {
            throw Violation("\(agent.evictedSamples) samples were evicted")
        }
        guard doubled == 0 else { throw Violation("frames were sent again on a network that loses none") }
        guard utilisation(drainSeconds) > 0.9 else { throw Violation("the link was not used to the full") }
    }

    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
    }
}

private func tenths(_ number: Double) -> String { String(format: "%.1f", number) }

private func mebibytes(_ bytes: Int) -> String { tenths(Double(bytes) / Double(1 << 20)) }

private func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }

import Foundation

/// Lives through many simulated worlds and says what became of every sample.
///
///     simulate [--worlds N | --seconds N] [--first SEED] [--jobs N]
///     simulate --exhaustive OPERATIONS
///     simulate --bits
///     simulate --outage SECONDS
///
/// The first world in which a promise is broken ends it: the plan is shortened as far as it still fails, and printed. With `--seconds` there
/// are as many worlds as that time allows, the same ones in the same order wherever it runs; it fails where they are too few for every hazard.
@main
struct Simulation {
    static func main() async {
        var first: UInt64 = 1
        var worlds: UInt64 = 1000
        var operations: Int?
        var budget: TimeInterval?
        var jobs = ProcessInfo.processInfo.activeProcessorCount
        var arguments = CommandLine.arguments.dropFirst().makeIterator()
        while let name = arguments.next() {
            if name == "--bits" { flipBits() }
            guard let text = arguments.next(), let number = UInt64(text) else { usage() }
            switch name {
            case "--worlds": worlds = number
            case "--first": first = number
            case "--jobs": jobs = max(1, Int(number))
            case "--seconds": budget = TimeInterval(number)
            case "--exhaustive": operations = Int(number)
            case "--outage" where number >= 3600: liveThroughOutages(seconds: Int(number))
            default: usage()
            }
        }
        let begin = Date()
        var result = Lives()
        if let operations {
            result = await live(Exhaustive.all(operations), jobs) { workload, lives throws in
                // Until the workload ends before the power goes.
                var point = 0
                while try lives.add(workload.plan(crashingAfter: point)).crashes > 0 { point += 1 }
            }
        } else if let budget {
            var next = first
            while result.failure == nil, Date().timeIntervalSince(begin) < budget {
                result += await live(seeds: next..<next + batch, jobs)
                next += batch
            }
            print("seeds \(first) to \(next - 1)")
        } else {
            result = await live(seeds: first..<first + worlds, jobs)
        }
        report(result, seconds: Date().timeIntervalSince(begin))
        if result.failure != nil { exit(1) }
        if operations == nil { print("planned: \(result.hazards.text)") }
        if budget != nil, !result.hazards.rare.isEmpty {
            let rare = result.hazards.rare.map(\.name).joined(separator: ", ")
            print("BROKEN: too few worlds in this time: fewer than \(HazardTally.enough) each of \(rare)")
            exit(1)
        }
    }

    /// How many worlds are lived through between two looks at the time.
    private static let batch: UInt64 = 500

    private static func live(seeds: Range<UInt64>, _ jobs: Int) async -> Lives {
        await live(seeds, jobs) { seed, lives throws in
            _ = try lives.add(WorldPlan(seed: seed))
        }
    }

    private static func usage() -> Never {
        print(
            "usage: simulate [--worlds N | --seconds N] [--first SEED] [--jobs N] | --exhaustive OPERATIONS | --bits | --outage SECONDS"
        )
        exit(2)
    }

    private static func flipBits() -> Never {
        do {
            print("\(try BitFlips.run()) single bits flipped, each found and accounted for")
            exit(0)
        } catch {
            print("BROKEN: \(error)")
            exit(1)
        }
    }

    /// Once with a spool that has room for all of it, and once with one that has not.
    private static func liveThroughOutages(seconds: Int) -> Never {
        let files = FileManager.default
        let directory = files.temporaryDirectory.appending(path: "fieldproof-outage-\(UUID().uuidString)")
        do {
            defer { try? files.removeItem(at: directory) }
            try files.createDirectory(at: directory, withIntermediateDirectories: false)
            let roomy = directory.appending(path: "roomy")
            try Outage(Outage.Plan(seconds: seconds, directory: roomy.path)).run()
            try files.removeItem(at: roomy)
            print("\nthe same, with a spool that is too small:")
            try Outage(.overflowing(seconds: seconds, directory: directory.appending(path: "small").path)).run()
        } catch {
            print("BROKEN: \(error)")
            exit(1)
        }
        exit(0)
    }

    /// What a number of worlds came to.
    struct Lives: Sendable {
        var worlds = 0
        var actions = 0
        var tally = Tally()
        var hazards = HazardTally()
        var failure: (plan: WorldPlan, message: String)?

        mutating func add(_ plan: WorldPlan) throws -> Tally {
            worlds += 1
            actions += plan.actions.count
            hazards.add(plan)
            do {
                let outcome = try outcome(of: plan)
                tally += outcome
                return outcome
            } catch {
                failure = (plan, "\(error)")
                throw error
            }
        }

        static func += (sum: inout Lives, other: Lives) {
            sum.worlds += other.worlds
            sum.actions += other.actions
            sum.tally += other.tally
            sum.hazards += other.hazards
            sum.failure = sum.failure ?? other.failure
        }
    }

    /// Deals the items out to `jobs` workers; each stops at the first promise that is broken.
    private static func live<Items: Collection & Sendable>(
        _ items: Items, _ jobs: Int, _ body: @escaping @Sendable (Items.Element, inout Lives) throws -> Void
    ) async -> Lives where Items.Element: Sendable {
        await withTaskGroup(of: Lives.self) { group in
            for job in 0..<jobs {
                group.addTask {
                    var lives = Lives()
                    for (index, item) in items.enumerated() where index % jobs == job {
                        do {
                            try body(item, &lives)
                        } catch {
                            break
                        }
                    }
                    return lives
                }
            }
            return await group.reduce(into: Lives(), +=)
        }
    }

    private static func report(_ lives: Lives, seconds: Double) {
        let tally = lives.tally
        print(
            """
            worlds \(lives.worlds), actions \(lives.actions), frames \(tally.frames), \(Int(seconds)) s
            samples: accepted \(tally.accepted) = delivered \(tally.delivered) + declared lost \(tally.declaredLost) \
            + crash tail \(tally.crashTail) + damaged or forgotten tail \(tally.missing)
            frames that came again and were dropped: \(tally.duplicates)
            """)
        guard let (plan, message) = lives.failure else { return print("every promise kept") }
        print("\nBROKEN in world \(plan.seed): \(message)\nreplay: simulate --first \(plan.seed) --worlds 1")
        let short = shortened(plan)
        print("the shortest plan found that fails (\(short.actions.count) of \(plan.actions.count) actions):")
        for action in short.actions { print("    \(action)") }
    }

    /// Leaves out stretches of the plan, shorter and shorter ones, as long as what is left still fails.
    private static func shortened(_ plan: WorldPlan) -> WorldPlan {
        var best = plan
        var length = plan.actions.count / 2
        while length >= 1 {
            var start = 0
            while start < best.actions.count {
                var candidate = best
                candidate.actions.removeSubrange(start..<min(start + length, best.actions.count))
                if (try? outcome(of: candidate)) == nil { best = candidate } else { start += length }
            }
            length /= 2
        }
        return best
    }
}

/// Lives through one world.
func outcome(of plan: WorldPlan) throws -> Tally {
    var world = World(plan)
    return try world.run()
}

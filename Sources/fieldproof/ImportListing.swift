import Collector
import JSON

/// What became of files of frames, as text for people or as JSON for programs.
struct ImportListing {
    private let asJSON: Bool
    private var files: [(name: String, tally: ImportTally)] = []

    init(asJSON: Bool) { self.asJSON = asJSON }

    mutating func add(_ file: String, _ tally: ImportTally) { files.append((file, tally)) }

    /// Whether all that the files hold is in the archive now.
    var isWhole: Bool { files.allSatisfy(\.tally.isWhole) }

    func end(runs: Int) {
        if asJSON {
            printJSON(runs)
        } else {
            for (name, tally) in files { printText(name, tally) }
            print("\(runs) \(runs == 1 ? "run" : "runs") folded")
        }
    }

    private func printText(_ name: String, _ tally: ImportTally) {
        print(
            "\(name): \(tally.frames) frames: \(tally.taken) taken with \(tally.samples) samples, \(tally.duplicates) duplicates, "
                + "\(tally.refused) refused")
        for agent in tally.replaced {
            print("  \(agent): another installation than before; what the former one had not sent stays open")
        }
        for refusals in tally.refusals {
            let first = refusals.first
            let which = refusals.count == 1 ? "frame \(first)" : "\(refusals.count) frames from \(first) on"
            print("  refused, \(which): \(refusals.reason)")
        }
        if let failure = tally.failure { print("  not read to its end: \(failure)") }
    }

    private func printJSON(_ runs: Int) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("files")
        writer.beginArray()
        for (name, tally) in files {
            writer.beginObject()
            writer.member("file", name)
            writer.member("frames", tally.frames)
            writer.member("taken", tally.taken)
            writer.member("samples", tally.samples)
            writer.member("duplicates", tally.duplicates)
            writer.member("refused", tally.refused)
            writer.key("refusals")
            writer.beginArray()
            for refusals in tally.refusals {
                writer.beginObject()
                writer.member("reason", refusals.reason)
                writer.member("count", refusals.count)
                writer.member("first", refusals.first)
                writer.endObject()
            }
            writer.endArray()
            writer.member("replaced", tally.replaced)
            writer.member("failure", tally.failure)
            writer.endObject()
        }
        writer.endArray()
        writer.member("runs_folded", runs)
        writer.endObject()
        print(String(decoding: writer.bytes, as: UTF8.self))
    }
}

import Agent
import ArgumentParser
import JSON

extension FieldproofAgent {
    struct SpoolCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "spool", abstract: "Looks at what waits on disk.", subcommands: [Status.self])

        struct Status: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Says what is pending, of a running agent or of a stopped one.")

            @OptionGroup var options: ConfigOption

            @Flag(name: .long, help: "Print JSON.")
            var json = false

            func run() throws {
                do {
                    let settings = try options.load()
                    let status: JSONValue
                    do throws(AgentError) {
                        status = try ControlClient(path: settings.controlSocket).status()
                    } catch {
                        guard error.code == .unavailable else { throw error }
                        status = try SpoolInspection(settings.spool).json
                    }
                    print(json ? String(decoding: status.pretty(), as: UTF8.self) : Self.table(status))
                } catch {
                    throw failure(error)
                }
            }

            private static func table(_ status: JSONValue) -> String {
                var lines: [(String, String)] = [
                    ("agent", status["running"]?.bool == false ? "not running" : "running")
                ]
                func add(_ name: String, _ value: JSONValue?) {
                    switch value {
                    case .string(let text)?: lines.append((name, text))
                    case .integer(let number)?: lines.append((name, String(number)))
                    case .bool(let flag)?: lines.append((name, flag ? "yes" : "no"))
                    default: break
                    }
                }
                for name in [
                    "version", "install", "epoch", "connected", "connections", "accepted", "unacknowledged", "resent",
                ] {
                    add(name, status[name])
                }
                add("spool used, bytes", status["spool"]?["used_bytes"])
                add("spool free, bytes", status["spool"]?["free_bytes"])
                for (name, lane) in status["spool"]?["pending"]?.object ?? JSONObject() {
                    let frames = lane["frames"]?.int64 ?? 0
                    lines.append(("pending \(name)", frames == 1 ? "1 frame" : "\(frames) frames"))
                }
                for damage in status["damaged"]?.array ?? [] {
                    let range = "\(damage["from"]?.int64 ?? 0)-\(damage["to"]?.int64 ?? 0)"
                    lines.append(("damaged \(damage["class"]?.string ?? "")", "positions \(range)"))
                }
                for rejection in status["rejected"]?.array ?? [] {
                    let what = "\(rejection["input"]?.string ?? ""): \(rejection["reason"]?.string ?? "")"
                    lines.append(("rejected", "\(rejection["count"]?.int64 ?? 0) × \(what)"))
                }
                let width = lines.map(\.0.count).max() ?? 0
                return lines.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }.joined(
                    separator: "\n")
            }
        }
    }
}

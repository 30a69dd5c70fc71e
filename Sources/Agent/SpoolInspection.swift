import Frames
import Installation
package import JSON
import SegmentLog
package import Telemetry

/// A look into a spool that changes nothing, of a running agent or of a stopped one: what waits in it, how old that is, what was
/// lost and why, and whether every checksum holds.
package struct SpoolInspection: Sendable {
    /// What one class has on disk.
    private struct ClassFinding: Sendable {
        var frames = 0
        var samples: UInt64 = 0
        /// When the first and the last frame that waits were made.
        var oldest: Timestamp?
        var newest: Timestamp?
        /// Records that hold no frame, or one whose link to the frame before is broken.
        var faults: [String] = []
    }

    private let identity: InstallationIdentity
    private var log: LogInspection
    private let classes: [ClassFinding]
    private let losses: [LossReason: Loss]

    /// What agents' declarations that wait in the spool give up.
    private struct Loss: Sendable {
        var frames: UInt64 = 0
        var samples: UInt64 = 0
    }

    /// Reads the whole spool at `settings.path`; `visit` gets every frame that waits, oldest first within each class.
    ///
    /// - Throws: `AgentError` when there is no spool, or a file cannot be read.
    package init(
        _ settings: AgentSettings.Spool, visit: (PriorityClass, [UInt8]) -> Void = { _, _ in }
    ) throws(AgentError) {
        let files = POSIXFileSystem()
        let found: InstallationIdentity?
        do throws(InstallationError) {
            found = try InstallationIdentity.read(in: settings.path, files: files)
        } catch {
            throw AgentError(error)
        }
        guard let found else {
            throw AgentError(
                .spool, "there is no spool here; an agent makes one at its first start", path: settings.path)
        }
        identity = found
        do throws(LogError) {
            log = try LogInspection(directory: settings.path, files: files)
        } catch {
            throw AgentError(error)
        }
        let released = log.released
        var look = Look()
        do throws(LogError) {
            try log.read(files) { lane, position, frame in
                guard let priority = PriorityClass(rawValue: UInt8(lane.index)) else { return }
                guard position > released[lane.index] else { return }
                visit(priority, frame)
                look.add(frame, priority, position)
            }
        } catch {
            throw AgentError(error)
        }
        classes = look.classes
        losses = look.losses
    }

    /// Every checksum holds, every frame can be read, and each follows the one before it.
    package var isSound: Bool {
        !log.cursorIsLost && log.unreadable.isEmpty && log.segments.allSatisfy(\.lost.isEmpty)
            && classes.allSatisfy(\.faults.isEmpty)
    }

    /// Everything that is wrong, a line each, in words.
    package var faults: [String] {
        var lines = log.unreadable.map { "\($0): the header is damaged in both copies; what the file held is lost" }
        if log.cursorIsLost { lines.append("cursor: damaged in both copies; some frames will be sent again") }
        for segment in log.segments {
            for positions in segment.lost {
                lines.append(
                    "\(segment.name): records \(positions.lowerBound.number)-\(positions.upperBound.number) of class "
                        + "'\(Self.name(of: segment.lane))' are damaged; the agent will declare them lost")
            }
        }
        for (priority, finding) in zip(PriorityClass.allCases, classes) {
            lines += finding.faults.map { "class '\(priority.name)': \($0)" }
        }
        return lines
    }

    private static func name(of lane: Lane) -> String { PriorityClass(rawValue: UInt8(lane.index))?.name ?? "?" }

    /// The members of a running agent's status that are about the spool, and what only reading it all can tell.
    package var json: JSONValue {
        get throws(JSONError) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("running", false)
            writer.member("install", identity.install.description)
            writer.member("epoch", identity.epoch)
            writer.member("sound", isSound)
            writer.key("faults")
            writer.beginArray()
            for fault in faults { writer.string(fault) }
            writer.endArray()
            writer.key("lost")
            writer.beginArray()
            for (reason, loss) in losses.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                writer.beginObject()
                writer.member("reason", reason.name)
                writer.member("frames", loss.frames)
                writer.member("samples", loss.samples)
                writer.endObject()
            }
            writer.endArray()
            writeSpool(to: &writer)
            writer.endObject()
            return try JSONParser.parse(writer.bytes)
        }
    }

    private func writeSpool(to writer: inout JSONWriter) {
        let used = log.segments.count { $0.last > released(of: $0.lane) }
        let files = log.segments.count + log.blank + log.unreadable.count
        writer.key("spool")
        writer.beginObject()
        writer.member("used_bytes", used * log.segmentSize)
        writer.member("free_bytes", (files - used) * log.segmentSize)
        writer.member("closed", log.wasClosed)
        writer.member("torn_bytes", log.segments.reduce(0) { $0 + $1.tornBytes })
        writer.key("pending")
        writer.beginObject()
        for (priority, finding) in zip(PriorityClass.allCases, classes) {
            writer.key(priority.name)
            writer.beginObject()
            writer.member("frames", finding.frames)
            writer.member("segments", log.segments.count { Self.name(of: $0.lane) == priority.name })
            writer.member("samples", finding.samples)
            if let oldest = finding.oldest { writer.member("oldest", oldest.description) }
            if let newest = finding.newest { writer.member("newest", newest.description) }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }

    private func released(of lane: Lane) -> Position { log.released[lane.index] }
}

extension SpoolInspection {
    /// What is known after some of the frames.
    private struct Look {
        var classes = [ClassFinding](repeating: ClassFinding(), count: PriorityClass.allCases.count)
        var losses: [LossReason: Loss] = [:]
        private var last: [Stream: (sequence: UInt64, link: ChainLink)] = [:]
        private var decoder = FrameDecoder()

        mutating func add(_ frame: [UInt8], _ priority: PriorityClass, _ position: Position) {
            let index = Int(priority.rawValue)
            let header: FrameHeader
            do throws(FrameError) {
                header = try decoder.decode(frame)
            } catch {
                classes[index].faults.append("record \(position.number) is no frame: \(error)")
                return
            }
            classes[index].frames += 1
            classes[index].samples += UInt64(header.sampleCount)
            classes[index].oldest = classes[index].oldest ?? header.clock.wall
            classes[index].newest = header.clock.wall
            if let before = last[header.stream], before.sequence + 1 == header.sequence, before.link != header.previous
            {
                classes[index].faults.append("frame \(header.sequence) does not follow the one before it")
            }
            last[header.stream] = (header.sequence, FrameDigest(of: frame).link)
            for loss in decoder.extras.losses {
                losses[loss.reason, default: Loss()].frames += UInt64(loss.sequences.count)
                losses[loss.reason]?.samples += UInt64(loss.ordinals?.count ?? 0)
            }
        }
    }
}

package import Installation
package import JSON
import SegmentLog
import Telemetry

/// A look into the spool of an agent that is not running.
package struct SpoolInspection: Sendable {
    package let identity: InstallationIdentity?
    private let statistics: LogStatistics
    private let recovery: RecoveryReport

    /// Opens the spool at `settings.path`, recovering it as a start would, and closes it again.
    ///
    /// - Throws: `AgentError` when there is no spool, or an agent is running on it.
    package init(_ settings: AgentSettings.Spool) throws(AgentError) {
        let files = POSIXFileSystem()
        let found: InstallationIdentity?
        do throws(InstallationError) {
            found = try InstallationIdentity.read(in: settings.path, files: files)
        } catch {
            throw AgentError(error)
        }
        guard let identity = found else {
            throw AgentError(
                .spool, "there is no spool here; an agent makes one at its first start", path: settings.path)
        }
        self.identity = identity
        do throws(LogError) {
            let log = try SegmentedLog(directory: settings.path, options: Self.options(settings), files: files)
            statistics = log.statistics
            recovery = log.recovery
            try log.close()
        } catch {
            throw AgentError(error)
        }
    }

    private static func options(_ settings: AgentSettings.Spool) -> LogOptions {
        Spool<POSIXFileSystem>.options(size: settings.size)
    }

    /// The same members as a running agent's status, as far as a stopped one has them.
    package var json: JSONValue {
        get throws(JSONError) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("running", false)
            if let identity {
                writer.member("install", identity.install.description)
                writer.member("epoch", identity.epoch)
            }
            writer.key("damaged")
            writer.beginArray()
            for (priority, lane) in zip(PriorityClass.allCases, recovery.lanes) {
                for positions in lane.lost {
                    writer.beginObject()
                    writer.member("class", priority.name)
                    writer.member("from", positions.lowerBound.number)
                    writer.member("to", positions.upperBound.number)
                    writer.endObject()
                }
            }
            writer.endArray()
            statistics.write(to: &writer)
            writer.endObject()
            return try JSONParser.parse(writer.bytes)
        }
    }
}

package import JSON
package import Telemetry

/// The other end of the control socket: what `mark` and `spool status` use.
package struct ControlClient: Sendable {
    private let path: String

    package init(path: String) { self.path = path }

    /// Asks the running agent to store an event; returns when the event is on its disk.
    ///
    /// - Throws: `AgentError`: `.unavailable` when no agent answers, `.refused` with its reason when it does not take the event.
    package func mark(_ name: String, attributes: [Event.Attribute]) throws(AgentError) {
        _ = try ask(.mark(name: name, attributes: attributes))
    }

    /// The running agent's status as a JSON object.
    ///
    /// - Throws: `AgentError` as `mark`.
    package func status() throws(AgentError) -> JSONValue { try ask(.status) }

    private func ask(_ request: ControlRequest) throws(AgentError) -> JSONValue {
        let stream = try UnixStream(connectingTo: path)
        guard stream.write(request.line), let line = stream.readLine(limit: 1 << 20) else {
            throw AgentError(.unavailable, "the agent hung up without an answer; look into its log", path: path)
        }
        let answer: JSONValue
        do throws(JSONError) {
            answer = try JSONParser.parse(line)
        } catch {
            throw AgentError(.unavailable, "this is not the answer of an agent: \(error)", path: path)
        }
        guard answer["ok"]?.bool == true else {
            throw AgentError(.refused, answer["error"]?.string ?? "the agent refused without a reason")
        }
        return answer
    }
}

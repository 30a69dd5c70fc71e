package import Inputs

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Answers requests on a unix socket of the box, one connection at a time.
///
/// Access is by the file's mode (0660): whoever may write to it may mark runs.
package final class ControlSocket: Sendable {
    /// Longest request, bytes.
    static let lineLimit = 64 * 1024
    /// A client that says nothing for this long is hung up on, seconds.
    private static let patience = 5

    private let path: String
    private let listener: Int32

    /// Listens at `path`, replacing a socket that nobody answers on any more.
    ///
    /// - Throws: `AgentError` when the directory is missing, another agent listens there, or the path is that of another file.
    package init(path: String) throws(AgentError) {
        if (try? UnixStream(connectingTo: path)) != nil {
            throw AgentError(
                .control, "another agent answers on this socket; stop it, or give this one its own 'control'",
                path: path)
        }
        try UnixStream.removeSocket(at: path)
        listener = try UnixStream.listening(at: path)
        self.path = path
    }

    /// Stops listening and removes the socket.
    deinit {
        close(listener)
        unlink(path)
    }

    /// Serves clients until `stop` is woken.
    ///
    /// `answer`: makes the answer to one line; may block for a while.
    package func serve(until stop: Waker, answer: (_ line: [UInt8]) -> [UInt8]) {
        while !stop.isWoken {
            var descriptors = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&descriptors, 2, -1)
            if ready > 0, descriptors[0].revents == 0 { continue }
            guard ready > 0, let client = UnixStream(accepting: listener, patience: Self.patience) else {
                // No descriptor or no memory is left, maybe; what woke the thread would wake it at once, again and again.
                _ = stop.wait(nanoseconds: 100_000_000)
                continue
            }
            // A client that goes on asking must not keep the agent from stopping.
            while let line = client.readLine(limit: Self.lineLimit), client.write(answer(line)), !stop.isWoken {}
        }
    }
}

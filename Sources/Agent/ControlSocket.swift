import Platform

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Answers requests on a unix socket of the box, one connection at a time, on a thread of its own.
///
/// Access is by the file's mode (0660): whoever may write to it may mark runs.
package final class ControlSocket: Sendable {
    /// Longest request, bytes.
    static let lineLimit = 64 * 1024
    /// A client that says nothing for this long is hung up on, seconds.
    private static let patience = 5

    private let path: String
    private let listener: Int32
    /// The ends of a pipe: a byte in it wakes the thread for the last time.
    private let stopping: (reader: Int32, writer: Int32)
    private let thread: OwnThread

    /// Listens at `path`, replacing a socket that nobody answers on any more.
    ///
    /// `answer`: makes the answer to one line; runs on the socket's thread and may block it for a while.
    /// Throws `AgentError` when the directory is missing, another agent listens there, or the path is that of another file.
    package init(path: String, answer: @escaping @Sendable (_ line: [UInt8]) -> [UInt8]) throws(AgentError) {
        if (try? UnixStream(connectingTo: path)) != nil {
            throw AgentError(
                .control, "another agent answers on this socket; stop it, or give this one its own 'control'",
                path: path)
        }
        try UnixStream.removeSocket(at: path)
        let listener = try UnixStream.listening(at: path)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            close(listener)
            throw AgentError(.control, "no file descriptor is left; raise LimitNOFILE", path: path)
        }
        self.path = path
        self.listener = listener
        let (reader, writer) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopping = (reader, writer)
        do throws(ThreadError) {
            thread = try OwnThread("control") { Self.serve(listener, reader, answer) }
        } catch {
            close(listener)
            close(reader)
            close(writer)
            throw AgentError(.control, error.description, path: path)
        }
    }

    /// Stops listening and removes the socket.
    package func stop() {
        var byte: UInt8 = 0
        _ = write(stopping.writer, &byte, 1)
        thread.join()
        close(listener)
        close(stopping.reader)
        close(stopping.writer)
        unlink(path)
    }

    private static func serve(_ listener: Int32, _ stopping: Int32, _ answer: ([UInt8]) -> [UInt8]) {
        while true {
            var descriptors = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) > 0 else { continue }
            if descriptors[1].revents != 0 { return }
            guard descriptors[0].revents != 0 else { continue }
            guard let client = UnixStream(accepting: listener, patience: patience) else {
                // No descriptor is left, maybe; the client that waits would wake the thread at once, again and again.
                if isReadable(stopping, within: 100) { return }
                continue
            }
            // A client that goes on asking must not keep the agent from stopping.
            while let line = client.readLine(limit: lineLimit), client.write(answer(line)) {
                if isReadable(stopping, within: 0) { return }
            }
        }
    }

    private static func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }
}

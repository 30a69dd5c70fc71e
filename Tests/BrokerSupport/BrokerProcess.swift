import Foundation
import Synchronization

/// A real mosquitto on a free port of 127.0.0.1, with its own folder.
package final class BrokerProcess: Sendable {
    package struct Options: Sendable {
        /// Lines of an ACL file; nil allows everything.
        package var acl: String?
        package var users: [(name: String, password: String)] = []
        package var allowAnonymous = true
        package var tls: TLSMaterial?
        package var requireClientCertificate = false
        package var persistence = false
        /// Further lines of mosquitto.conf.
        package var extra: [String] = []

        package init() {}
    }

    package let port: UInt16
    /// `mqtt://127.0.0.1:port`, or `mqtts://localhost:port` with TLS.
    package let url: String
    package let folder: TemporaryFolder
    private let process = Mutex<Process?>(nil)
    private let configuration: String

    /// Starts it, and returns when it accepts connections.
    package init(_ options: Options = Options()) throws {
        folder = try TemporaryFolder("broker")
        port = try LoopbackSocket.freePort()
        url = options.tls == nil ? "mqtt://127.0.0.1:\(port)" : "mqtts://localhost:\(port)"
        configuration = try Self.configure(options, port: port, folder: folder)
        try start()
    }

    deinit { kill() }

    private static func configure(_ options: Options, port: UInt16, folder: TemporaryFolder) throws -> String {
        var lines = ["listener \(port) 127.0.0.1", "log_dest stderr", "log_type all"]
        if getuid() == 0 { lines.append("user root") }
        if let tls = options.tls {
            lines += ["cafile \(tls.caPath)", "certfile \(tls.serverCertificate)", "keyfile \(tls.serverKey)"]
            if options.requireClientCertificate {
                lines += ["require_certificate true", "use_identity_as_username true"]
            }
        }
        if !options.users.isEmpty {
            let path = folder.path("users")
            for (index, user) in options.users.enumerated() {
                try run("mosquitto_passwd", ["-b"] + (index == 0 ? ["-c"] : []) + [path, user.name, user.password])
            }
            chmod(path, 0o644)
            lines.append("password_file \(path)")
        }
        if let acl = options.acl { lines.append("acl_file \(try folder.write(acl + "\n", to: "acl"))") }
        lines.append("allow_anonymous \(options.allowAnonymous)")
        if options.persistence {
            lines += ["persistence true", "persistence_location \(folder.path(""))/", "autosave_interval 1"]
        }
        return try folder.write((lines + options.extra).joined(separator: "\n") + "\n", to: "mosquitto.conf")
    }

    /// Starts it again after `stop` or `kill`, on the same port.
    package func start() throws {
        let process = Process()
        let log = folder.path("log")
        if !FileManager.default.fileExists(atPath: log) { try folder.write("", to: "log") }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let program else { throw SupportFailure("mosquitto is not installed") }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-c", configuration]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        self.process.withLock { $0 = process }
        let isUp = eventually { LoopbackSocket.accepts(port: port) || !process.isRunning }
        guard isUp, process.isRunning else { throw SupportFailure("mosquitto did not start:\n\(self.log)") }
    }

    /// Ends it as a service manager would, and waits for its end.
    package func stop() { end(SIGTERM) }

    /// Ends it without a chance to save anything.
    package func kill() { end(SIGKILL) }

    /// Makes it hang: the kernel goes on accepting connections and data for it. Returns when it has stopped.
    package func pause() {
        send(SIGSTOP)
        guard let identifier = process.withLock({ $0?.processIdentifier }) else { return }
        _ = eventually {
            let fields = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
            return fields?.split(separator: ")").last?.hasPrefix(" T") ?? true
        }
    }

    package func resume() { send(SIGCONT) }

    package var log: String { (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? "" }

    private func send(_ signal: Int32) {
        process.withLock { process in
            if let process, process.isRunning { _ = Foundation.kill(process.processIdentifier, signal) }
        }
    }

    private func end(_ signal: Int32) {
        send(signal)
        // Only after: a stopped broker must not run on before it dies. SIGKILL needs none.
        if signal != SIGKILL { send(SIGCONT) }
        process.withLock { process in
            process?.waitUntilExit()
            process = nil
        }
    }
}

import BrokerSupport
import CTLS
import Certificates
import Foundation
import Testing

/// A client whose server is gone before the client writes: its side is that of a library which gives the connection up at once.
@Suite("What a server says last")
struct LastWordTests {
    @Test("why a certificate is refused is heard, although the reset comes first and the next write fails")
    func refused() throws {
        let (server, client) = (try TLSMaterial(), try TLSMaterial())
        let word = try wordOfServer(server, client: client, trusting: server.caPath) { session in
            // The alert is sent in here.
            SSL_accept(session) == -1
        }
        #expect(word?.contains("SSL routines::tlsv1 alert unknown ca") == true, "\(word ?? "nothing")")
    }

    @Test("a server that goes without a reason says nothing", arguments: [false, true])
    func silent(isPolite: Bool) throws {
        let material = try TLSMaterial()
        let word = try wordOfServer(material, client: material, trusting: material.caPath) { session in
            let isAccepted = SSL_accept(session) == 1
            if isPolite { SSL_shutdown(session) }
            return isAccepted
        }
        #expect(word == nil)
    }

    @Test("there is no word without a session, or a socket")
    func nothing() throws {
        func isThere(_ session: OpaquePointer?, _ socket: Int32) -> Bool {
            LastWord(session: session.map { UnsafeMutableRawPointer($0) }, socket: socket) != nil
        }
        #expect(!isThere(nil, 0))
        let context = try #require(SSL_CTX_new(TLS_client_method()))
        let session = try #require(SSL_new(context))
        defer {
            SSL_free(session)
            SSL_CTX_free(context)
        }
        #expect(!isThere(session, -1))
    }

    /// Shakes hands, lets the server do as it is told and then reset the connection, and writes; then gives session and socket up, and reads.
    private func wordOfServer(
        _ material: TLSMaterial, client: TLSMaterial, trusting authority: String,
        serve: @escaping @Sendable (OpaquePointer) -> Bool
    ) throws -> String? {
        let (listener, port) = try LoopbackSocket.listen()
        defer { close(listener) }
        let context = try #require(SSL_CTX_new(TLS_server_method()))
        defer { SSL_CTX_free(context) }
        try #require(
            SSL_CTX_use_certificate_file(context, material.serverCertificate, SSL_FILETYPE_PEM) == 1
                && SSL_CTX_use_PrivateKey_file(context, material.serverKey, SSL_FILETYPE_PEM) == 1
                && SSL_CTX_load_verify_locations(context, authority, nil) == 1)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        let ended = DispatchSemaphore(value: 0)
        let server = Server(context: context, listener: listener, serve: serve, ended: ended)
        Thread { server.run() }.start()

        let credentials = try ClientCredentials(
            ca: material.caPath, certificate: client.clientCertificate, key: client.clientKey)
        let own = try credentials.context(host: "localhost")
        let descriptor = try LoopbackSocket.connected(to: port)
        let session = try #require(SSL_new(own.raw))
        var open: (OpaquePointer, Int32)? = (session, descriptor)
        defer {
            if let open {
                SSL_free(open.0)
                close(open.1)
            }
        }
        SSL_set_fd(session, descriptor)
        // With TLS 1.3 a client is done before the server has looked at its certificate.
        try #require(SSL_connect(session) == 1)
        try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        guard let word = LastWord(session: UnsafeMutableRawPointer(session), socket: descriptor) else {
            throw SupportFailure("there is no descriptor to be had")
        }
        try #require(ended.wait(timeout: .now() + 20) == .success && server.isObedient)
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        try #require(poll(&state, 1, 20_000) == 1 && state.revents & Int16(POLLHUP) != 0, "there was no reset")
        #expect(SSL_write(session, "CONNECT", 7) <= 0)
        open = nil
        // As libmosquitto does before it frees a session.
        signal(SIGPIPE, SIG_IGN)
        SSL_shutdown(session)
        SSL_free(session)
        close(descriptor)
        let said = word.read()
        // The session refers to it without keeping it.
        withExtendedLifetime(own) {}
        return said
    }
}

/// Accepts one connection.
///
/// `@unchecked Sendable`: given to one thread, whose end its maker waits for before it asks anything.
private final class Server: @unchecked Sendable {
    private let context: OpaquePointer
    private let listener: Int32
    private let serve: @Sendable (OpaquePointer) -> Bool
    private let ended: DispatchSemaphore
    /// Whether it went as the test means it; known once it has ended.
    private(set) var isObedient = false

    init(
        context: OpaquePointer, listener: Int32, serve: @escaping @Sendable (OpaquePointer) -> Bool,
        ended: DispatchSemaphore
    ) {
        (self.context, self.listener, self.serve, self.ended) = (context, listener, serve, ended)
    }

    func run() {
        defer { ended.signal() }
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0, let session = SSL_new(context) else { return }
        SSL_set_fd(session, descriptor)
        isObedient = serve(session)
        SSL_free(session)
        // With nothing to linger for, a close is a reset.
        var nothing = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &nothing, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }
}

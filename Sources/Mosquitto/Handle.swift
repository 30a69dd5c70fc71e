internal import CMosquitto
internal import Certificates

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif
internal import Synchronization

/// A `struct mosquitto *` for exactly one connection.
///
/// `@unchecked Sendable`: the library guards a handle with its own mutexes, provided it runs in threaded mode (set in
/// `make`). Publishers and the owner thread reach it through the lock of ``Link``, which is emptied before the owner
/// destroys the handle, so no thread can hold one that is gone. ``tls`` is the owner thread's alone.
struct Handle: @unchecked Sendable {
    let raw: OpaquePointer
    /// Lives as long as `raw`, which refers to it; nil without TLS.
    let tls: ClientContext?

    /// Makes a handle with everything set that the options ask for; no I/O.
    static func make(
        _ options: MQTTOptions, login: Credentials?, tls: ClientContext?, context: CallbackContext
    ) throws(MosquittoError) -> Handle {
        try Library.start()
        let object = Unmanaged.passUnretained(context).toOpaque()
        guard let raw = mosquitto_new(options.clientID, options.cleanStart, object) else {
            throw MosquittoError(
                .library, "libmosquitto has no memory or dislikes the client id", family: .system, rawCode: errno)
        }
        let handle = Handle(raw: raw, tls: tls)
        do throws(MosquittoError) {
            try handle.configure(options, login)
        } catch {
            mosquitto_destroy(raw)
            throw error
        }
        handle.setCallbacks()
        return handle
    }

    private func configure(_ options: MQTTOptions, _ login: Credentials?) throws(MosquittoError) {
        func check(_ status: Int32) throws(MosquittoError) {
            if status == MOSQ_ERR_SUCCESS.rawValue { return }
            throw MosquittoError(status: status, systemError: errno, address: options.address)
        }
        try check(mosquitto_int_option(raw, MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V5)))
        // Threaded: a publish from another thread only queues. Writing, and thus every callback, stays with the owner.
        try check(mosquitto_threaded_set(raw, true))
        try check(mosquitto_int_option(raw, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(options.receiveMaximum)))
        try check(mosquitto_int_option(raw, MOSQ_OPT_SEND_MAXIMUM, Int32(options.maximumOutstanding)))
        if let login { try check(mosquitto_username_pw_set(raw, login.userName, login.password)) }
        if let will = options.will {
            try check(
                mosquitto_will_set(
                    raw, will.topic, Int32(will.payload.count), will.payload, Int32(will.qos.rawValue), will.retain))
        }
        guard let tls else { return }
        // The library could read the files itself, but judges by the clock of this machine alone, which may be decades behind at boot; and it
        // says no more of a certificate than that it failed.
        // The context as it is: with "defaults" the library would set files and checks of its own in it. It takes a reference.
        try check(mosquitto_int_option(raw, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0))
        try check(mosquitto_void_option(raw, MOSQ_OPT_SSL_CTX, UnsafeMutableRawPointer(tls.raw)))
    }

    /// Why this side did not believe the broker; nil while it did.
    var rejection: ClientContext.Rejection? { tls?.rejection }

    /// Frees the connection, and then what it refers to.
    func destroy() { withExtendedLifetime(tls) { mosquitto_destroy(raw) } }

    /// Begins a connection without waiting for it.
    ///
    /// The library has no call that is both non-blocking and takes CONNECT properties. But its blocking call keeps the
    /// properties before it connects, and port 0 means a Unix socket to it, whose path it refuses when longer than
    /// `sun_path`; so the first call stores the properties and fails before any system call, and the second connects.
    ///
    /// `family` limits name resolution to one address family, by the local address that is bound.
    ///
    /// - Returns: The library's status; `MOSQ_ERR_CONN_PENDING` counts as success.
    func beginConnecting(_ options: MQTTOptions, family: AddressFamily?) -> (status: Int32, systemError: Int32) {
        let keepAlive = Int32(clamping: options.keepAlive.components.seconds)
        var properties = PropertyList()
        properties.add(MQTT_PROP_MAXIMUM_PACKET_SIZE, options.maximumIncomingPacket)
        if options.sessionExpiry > .zero {
            properties.add(
                MQTT_PROP_SESSION_EXPIRY_INTERVAL, UInt32(clamping: options.sessionExpiry.components.seconds))
        }
        let unusable = String(repeating: "x", count: 200)
        let stored = mosquitto_connect_bind_v5(raw, unusable, 0, keepAlive, nil, properties.head)
        properties.free()
        guard stored == MOSQ_ERR_INVAL.rawValue || stored == MOSQ_ERR_NOT_SUPPORTED.rawValue else {
            return (stored, errno)
        }

        let status = mosquitto_connect_bind_async(
            raw, options.address.host, Int32(options.address.port), keepAlive, family?.anyAddress)
        let number = errno
        return (status == MOSQ_ERR_CONN_PENDING.rawValue ? MOSQ_ERR_SUCCESS.rawValue : status, number)
    }

    /// Keeps what the broker may say last, once there is a TLS session.
    func keep(_ word: inout LastWord?) {
        if word == nil { word = LastWord(session: mosquitto_ssl_get(raw), socket: socket) }
    }

    var socket: Int32 { mosquitto_socket(raw) }
    var wantsToWrite: Bool { mosquitto_want_write(raw) }
}

/// `mosquitto_lib_init` is not thread-safe, and is paired with a clean-up that no process which may make another
/// client should run: the library's state lives as long as the process.
enum Library {
    private static let status = mosquitto_lib_init()

    static func start() throws(MosquittoError) {
        if status != MOSQ_ERR_SUCCESS.rawValue {
            throw MosquittoError(.library, "libmosquitto does not start", family: .library, rawCode: status)
        }
    }
}

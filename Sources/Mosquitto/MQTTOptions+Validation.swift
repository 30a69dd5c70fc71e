internal import CMosquitto
internal import Certificates

extension MQTTOptions {
    /// Finds every fault that can be found without a broker.
    ///
    /// - Throws: ``MosquittoError/Code/invalidOption``, ``MosquittoError/Code/invalidTopic`` for the will, or
    ///   ``MosquittoError/Code/tls`` naming the file.
    func validate() throws(MosquittoError) {
        func require(_ condition: Bool, _ message: String) throws(MosquittoError) {
            if !condition { throw MosquittoError(.invalidOption, message) }
        }
        try require(
            !clientID.isEmpty && clientID.utf8.count <= 65535 && Topic.isText(clientID),
            "the client id is empty or unusable; give each client its own")
        try require(!address.host.isEmpty && address.port > 0, "the broker's address is empty; set the url")
        try require(
            (5...65535).contains(keepAlive.components.seconds) && keepAlive.components.attoseconds == 0,
            "keep-alive is \(keepAlive); use whole seconds from 5 to 65535")
        try require(receiveMaximum > 0, "the receive maximum is 0; use 1 or more")
        try require((1...65535).contains(maximumOutstanding), "the window is \(maximumOutstanding); use 1 to 65535")
        try require(maximumIncomingPacket >= 16, "the largest incoming packet is under 16 bytes; allow more")
        try require(maximumBacklog >= 0, "the backlog is negative; use 0 or more bytes")
        try require(connectTimeout > .zero, "the connect timeout is not positive; use seconds")
        try require(
            sessionExpiry >= .zero && sessionExpiry.components.seconds < Int64(UInt32.max),
            "the session expiry is \(sessionExpiry); use 0 to 4294967294 seconds")
        for text in [credentials?.userName, credentials?.password] {
            let text = text ?? ""
            try require(text.utf8.count <= 65535 && Topic.isText(text), "user name or password is unusable")
        }
        if let will {
            try Topic.checkName(will.topic)
            try require(will.payload.count <= 65535, "the will is larger than 65535 bytes; shorten it")
        }
        if address.usesTLS, identity == nil { _ = try tls.load() }
    }
}

extension TLSFiles {
    /// Reads the files.
    ///
    /// - Throws: ``MosquittoError/Code/tls`` naming the file.
    func load() throws(MosquittoError) -> ClientCredentials {
        do throws(CertificateError) {
            return try ClientCredentials(ca: ca, certificate: certificate, key: key)
        } catch {
            throw MosquittoError(.tls, error.description)
        }
    }
}

/// The rules of MQTT 5, section 4.7, as the library checks them.
enum Topic {
    /// Whether MQTT allows it as a UTF-8 string (section 1.5.4).
    static func isText(_ text: String) -> Bool {
        text.isEmpty
            || !text.contains("\0")
                && mosquitto_validate_utf8(text, Int32(clamping: text.utf8.count)) == MOSQ_ERR_SUCCESS.rawValue
    }

    static func checkName(_ topic: String) throws(MosquittoError) {
        if topic.isEmpty || !isText(topic) || mosquitto_pub_topic_check(topic) != MOSQ_ERR_SUCCESS.rawValue {
            throw MosquittoError(
                .invalidTopic,
                "'\(topic)' is no topic to publish to: it is empty, too long, or has +, # or control characters")
        }
    }

    static func checkFilter(_ filter: String) throws(MosquittoError) {
        if filter.isEmpty || !isText(filter) || mosquitto_sub_topic_check(filter) != MOSQ_ERR_SUCCESS.rawValue {
            throw MosquittoError(
                .invalidTopic,
                "'\(filter)' is no topic filter: it is empty, too long, or has a misplaced + or # or control characters"
            )
        }
    }
}

/// Why bytes are not a frame, or why something cannot become one.
package struct FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    package enum Code: Hashable, Sendable {
        /// The bytes do not begin as a frame does.
        case notAFrame
        /// The frame was made by a later version of the format.
        case unsupportedVersion
        /// The frame was changed after it was made.
        case checksumMismatch
        /// The frame breaks a rule of the format although its checksum is right.
        case malformed
        /// More than `FrameLimits` allows.
        case tooLarge
        /// The batch holds all that one frame can: encode it, empty it, append again.
        case batchFull
        /// A text that no frame can hold.
        case textTooLong
        /// Something that cannot be encoded, such as the sequence number 0.
        case invalid
    }

    /// The parts of a frame, in their order.
    package enum Part: String, Hashable, Sendable {
        case envelope, header, definitions, timelines, columns, events, losses
    }

    /// Where in a frame the fault was found.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let part: Part
        /// Bytes from the start of the frame.
        package let offset: Int

        package var description: String { "\(part.rawValue), byte \(offset)" }
    }

    package let code: Code
    package let message: String
    /// Nil when the fault is not in bytes.
    package let place: Place?

    package init(_ code: Code, _ message: String, at place: Place? = nil) {
        self.code = code
        self.message = message
        self.place = place
    }

    package var description: String {
        guard let place else { return message }
        return "\(message) (\(place))"
    }
}

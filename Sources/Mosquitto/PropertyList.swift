internal import CMosquitto

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A list of MQTT 5 properties that we send. Its maker calls `free`.
struct PropertyList {
    private(set) var head: OpaquePointer?

    mutating func add(_ identifier: mqtt5_property, _ value: UInt32) {
        mosquitto_property_add_int32(&head, Int32(identifier.rawValue), value)
    }

    mutating func add(_ identifier: mqtt5_property, _ value: String) {
        mosquitto_property_add_string(&head, Int32(identifier.rawValue), value)
    }

    mutating func free() { mosquitto_property_free_all(&head) }
}

/// Properties that the broker sent; valid within the callback that got them.
struct ReceivedProperties {
    let head: OpaquePointer?

    func byte(_ identifier: mqtt5_property) -> UInt8? {
        var value: UInt8 = 0
        return mosquitto_property_read_byte(head, Int32(identifier.rawValue), &value, false) == nil ? nil : value
    }

    func int16(_ identifier: mqtt5_property) -> UInt16? {
        var value: UInt16 = 0
        return mosquitto_property_read_int16(head, Int32(identifier.rawValue), &value, false) == nil ? nil : value
    }

    func int32(_ identifier: mqtt5_property) -> UInt32? {
        var value: UInt32 = 0
        return mosquitto_property_read_int32(head, Int32(identifier.rawValue), &value, false) == nil ? nil : value
    }

    func string(_ identifier: mqtt5_property) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard mosquitto_property_read_string(head, Int32(identifier.rawValue), &value, false) != nil else { return nil }
        defer { free(value) }
        return value.map { String(cString: $0) }
    }

    var userProperties: [UserProperty] {
        var result: [UserProperty] = []
        var next = head
        while let entry = next {
            var name: UnsafeMutablePointer<CChar>?
            var value: UnsafeMutablePointer<CChar>?
            // `false` on the first read looks at `entry` itself; afterwards `true` skips the one already read.
            next = mosquitto_property_read_string_pair(
                entry, Int32(MQTT_PROP_USER_PROPERTY.rawValue), &name, &value, !result.isEmpty)
            if next != nil, let name, let value {
                result.append(UserProperty(name: String(cString: name), value: String(cString: value)))
            }
            free(name)
            free(value)
        }
        return result
    }
}

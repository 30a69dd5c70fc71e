import Configuration
import Frames
import JSON

/// What tells two configurations apart without showing either: SHA-256 of what the file says, comments and layout left out.
enum ConfigurationDigest {
    static func of(_ value: CoreValue) -> String {
        var writer = JSONWriter()
        write(value, to: &writer)
        return "sha256:\(FrameDigest(of: writer.bytes))"
    }

    /// Members keep their order: the order of rules and inputs means something.
    private static func write(_ value: CoreValue, to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .integer(let number): writer.integer(number)
        case .double(let number): writer.string("\(number)")
        case .string(let text): writer.string(text)
        case .sequence(let values):
            writer.beginArray()
            for value in values { write(value, to: &writer) }
            writer.endArray()
        case .mapping(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.key)
                write(member.value, to: &writer)
            }
            writer.endObject()
        }
    }
}

import Frames
import Telemetry

extension SampleIntake.Harvest {
    /// As many definitions and events, in order, as one frame holds with ease.
    func firstExtras() -> FrameExtras {
        var room = ExtrasLimit.frameBytes
        let definitions = definitions.prefix { ExtrasLimit.take($0.series.weight, from: &room) }
        let events = events.prefix { ExtrasLimit.take($0.weight, from: &room) }
        return FrameExtras(definitions: Array(definitions), events: Array(events))
    }

    /// What `firstExtras` gave is stored.
    mutating func removeFirst(_ extras: FrameExtras) {
        definitions.removeFirst(extras.definitions.count)
        events.removeFirst(extras.events.count)
        // A box defines its series when it starts, and then hardly any: the memory goes back.
        if definitions.isEmpty { definitions = [] }
    }
}

/// Bounds on what travels in frames beside samples, so that nothing that the intake took can be too large for a frame.
enum ExtrasLimit {
    /// Bytes of one definition or event; no text of it is then too long for a frame.
    static let itemBytes = FrameLimits.textBytes
    /// Bytes of definitions and events in one frame.
    static let frameBytes = FrameLimits.bytes / 2
    /// What a text, a number or a frame around them takes at most besides the text itself.
    static let overhead = 16

    static func take(_ weight: Int, from room: inout Int) -> Bool {
        guard weight <= room else { return false }
        room -= weight
        return true
    }
}

extension Series {
    /// Whether a frame can define the series.
    var fitsFrame: Bool { tags.count <= FrameLimits.tags && weight <= ExtrasLimit.itemBytes }

    /// No less than the bytes that the definition takes in a frame.
    fileprivate var weight: Int {
        let texts = name.utf8.count + unit.code.utf8.count + (provenance.serial?.utf8.count ?? 0)
        return tags.reduce(texts + 6 * ExtrasLimit.overhead) { sum, tag in
            sum + tag.key.utf8.count + tag.value.utf8.count + 2 * ExtrasLimit.overhead
        }
    }
}

extension Event {
    /// Whether a frame can carry the event.
    var fitsFrame: Bool { attributes.count <= FrameLimits.attributes && weight <= ExtrasLimit.itemBytes }

    /// No less than the bytes that the event takes in a frame.
    fileprivate var weight: Int {
        attributes.reduce(name.utf8.count + 2 * ExtrasLimit.overhead) { sum, attribute in
            var size = attribute.key.utf8.count + 2 * ExtrasLimit.overhead
            if case .text(let text) = attribute.value { size += text.utf8.count }
            return sum + size
        }
    }
}

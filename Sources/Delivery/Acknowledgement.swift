import JSON
package import Telemetry

/// The collector's word that frames of one stream are in its archive, synced to disk.
///
/// On the wire: `{"install":"<32 hex>","epoch":3,"class":"metric","through":120,"also":[[123,140]],"generation":"<32 hex>"}`.
package struct Acknowledgement: Hashable, Sendable {
    package var stream: StreamReference
    /// Every frame from 1 to this one is kept; 0 for none.
    package var through: UInt64
    /// Ranges beyond `through` that are kept too, ascending.
    package var also: [ClosedRange<UInt64>]
    /// Which life of the archive speaks: each start of a collector is a new one, so that one restored from a copy is.
    package var generation: UUIDBytes

    /// The most ranges that one acknowledgement lists; a receiver learns of further ones later.
    package static let rangeLimit = 64

    package init(
        stream: StreamReference, through: UInt64, also: [ClosedRange<UInt64>] = [], generation: UUIDBytes
    ) {
        self.stream = stream
        self.through = through
        self.also = also
        self.generation = generation
    }

    /// Acknowledges what `received` holds.
    package init(stream: StreamReference, received: IntervalSet, generation: UUIDBytes) {
        let through = received.through
        let also = received.ranges.drop { $0.upperBound <= through }.prefix(Self.rangeLimit)
        self.init(stream: stream, through: through, also: Array(also), generation: generation)
    }

    package func covers(_ sequence: UInt64) -> Bool {
        (sequence >= 1 && sequence <= through) || also.contains { $0.contains(sequence) }
    }

    /// Whether it covers all of `sequences`, as far as it can tell: what lies behind the last range of a full list it may have left
    /// out.
    func covers(all sequences: IntervalSet) -> Bool {
        var covered = IntervalSet(also)
        if through > 0 { covered.insert(1...through) }
        let rest = sequences.subtracting(covered)
        guard let first = rest.ranges.first else { return true }
        guard also.count >= Self.rangeLimit, let last = also.last else { return false }
        return first.lowerBound > last.upperBound
    }

    /// The acknowledgement as compact JSON.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        stream.write(to: &writer)
        writer.member("through", through)
        writer.key("also")
        writer.write(also)
        writer.member("generation", generation.description)
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `DeliveryError` naming the first field that is missing or wrong.
    package init(json bytes: [UInt8]) throws(DeliveryError) {
        let message = try Message(bytes)
        self.init(
            stream: try message.stream(), through: try message.count("through"), also: try message.ranges("also"),
            generation: try message.name("generation"))
    }
}

import Telemetry
import Testing

@Suite struct SeriesTests {
    private let series = Series(
        "joint.temperature", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .celsius,
        provenance: Provenance(serial: "A1", range: -40...125))

    @Test("made twice from the same facts, it is the same series")
    func equality() {
        let twin = Series(
            "joint.temperature", tags: [Tag("arm", "left"), Tag("joint", "3")], unit: .celsius,
            provenance: Provenance(serial: "A1", range: -40...125))
        #expect(twin == series)
        #expect(twin.hashValue == series.hashValue)
        #expect(Set([series, twin]).count == 1)
        #expect(twin.key == "joint.temperature,arm=left,joint=3")
    }

    @Test(
        "each fact tells series apart",
        arguments: [
            Series("joint.torque", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .celsius),
            Series("joint.temperature", tags: [Tag("joint", "3")], unit: .celsius),
            Series("joint.temperature", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .one),
            Series("joint.temperature", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .celsius, kind: .counter),
            Series(
                "joint.temperature", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .celsius,
                provenance: Provenance(serial: "A2")),
        ])
    func difference(other: Series) {
        let plain = Series("joint.temperature", tags: [Tag("joint", "3"), Tag("arm", "left")], unit: .celsius)
        #expect(other != plain)
        #expect(Set([plain, other]).count == 2)
    }

    @Test("of two tags with one key the later wins")
    func tags() {
        let series = Series("x", tags: [Tag("a", "1"), Tag("b", "2"), Tag("a", "3")])
        #expect(series.tags == [Tag("a", "3"), Tag("b", "2")])
    }
}

import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
import Testing

@Suite("What any store keeps of agents")
struct StoredAgentTests {
    private func row(_ site: String, _ agent: String, _ state: String?) -> StoredAgent {
        StoredAgent(site: .named(site), agent: .named(agent), state: state)
    }

    @Test(
        "keeps what is known of agents until it is replaced or removed, through a rebuild too", arguments: StoreKind.all
    )
    func agents(kind: StoreKind) throws {
        let place = try kind.makePlace()
        #expect(try place.open().agents().isEmpty)
        try place.open().save([row("s", "a", "1"), row("s", "b", "{\"x\":\"é\"}"), row("t", "a", "3")])
        try place.open().save([row("s", "a", nil), row("t", "a", "4"), row("u", "none", nil)])
        let kept: Set = [row("s", "b", "{\"x\":\"é\"}"), row("t", "a", "4")]
        #expect(try Set(place.open().agents()) == kept)
        try place.open().clear(keepingAggregates: true)
        #expect(try Set(place.open().agents()) == kept)
        try place.open().clear(keepingAggregates: false)
        #expect(try place.open().agents().isEmpty)
    }

    @Test(
        "adds up what is declared lost by stream and reason, in any order and however often", arguments: StoreKind.all)
    func losses(kind: StoreKind) throws {
        let declared = [
            StoredLoss(.made(.metric), .evicted, frames: IntervalSet([2...3]), samples: IntervalSet([11...30])),
            StoredLoss(.made(.metric), .evicted, frames: IntervalSet([4...4]), samples: IntervalSet([31...40])),
            StoredLoss(.made(.metric), .unavailable, frames: IntervalSet([3...3]), samples: IntervalSet()),
            StoredLoss(.made(.bulk), .evicted, frames: IntervalSet([(.max - 1)...(.max)]), samples: IntervalSet()),
        ]
        let expected: Set = [
            StoredLoss(.made(.metric), .evicted, frames: IntervalSet([2...4]), samples: IntervalSet([11...40])),
            declared[2], declared[3],
        ]
        for order in [[0, 1, 2, 3], [3, 1, 1, 2, 0, 0]] {
            let place = try kind.makePlace()
            for index in order {
                var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
                intake.losses = [declared[index]]
                try place.open().commit(intake)
            }
            #expect(try Set(place.open().losses()) == expected)
            try place.open().clear(keepingAggregates: true)
            #expect(try place.open().losses().isEmpty, "the archive has them")
        }
    }
}

import Testing

@testable import Mosquitto

struct InFlightTests {
    @Test("ids wrap from 65535 to 1, since 0 is none")
    func wrap() {
        #expect(InFlight.identifier(after: 0) == 1)
        #expect(InFlight.identifier(after: 65534) == 65535)
        #expect(InFlight.identifier(after: 65535) == 1)
    }

    @Test("levels follow entries in and out")
    func levels() {
        var table = InFlight()
        table.insert(.atLeastOnce(7), at: 1)
        table.insert(.atMostOnce(bytes: 100), at: 2)
        table.insert(.subscribe("a"), at: 3)
        table.insert(.farewell, at: 4)
        table.insert(.atLeastOnce(5), at: 5)
        #expect((table.outstanding, table.backlogBytes) == (3, 100))
        #expect(table.contains(3))
        #expect(table.remove(2) == .atMostOnce(bytes: 100))
        #expect(table.remove(2) == nil)
        #expect((table.outstanding, table.backlogBytes) == (3, 0))
        #expect(table.abandonAll() == [5, 7])
        #expect(table.outstanding == 0)
        #expect(!table.contains(3))
    }
}

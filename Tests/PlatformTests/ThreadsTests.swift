import Platform
import Testing

@Suite("Work of several threads")
struct ThreadsTests {
    @Test("elements come back in their order, whatever the threads and shares", arguments: [1, 2, 7], [1, 3, 1000])
    func map(threads: Int, share: Int) {
        for count in [0, 1, 2, 50, 1001] {
            let made = Threads.map(Array(0..<count), share: share, threads: threads) { $0 * 3 }
            #expect(made == (0..<count).map { $0 * 3 })
        }
    }

    @Test("there is a processor to run on")
    func processors() {
        #expect((1...8192).contains(Processors.usable))
    }
}

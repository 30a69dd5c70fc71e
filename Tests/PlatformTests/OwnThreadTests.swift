import Foundation
import Platform
import Synchronization
import Testing

/// What the kernel says of the thread that reads it.
private func ownStatus() -> [String: String] {
    let text = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").reduce(into: [:]) { status, line in
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2 { status[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
}

/// Goes `steps` calls deep, each with an array on the stack, and counts them on the way back.
@inline(never)
private func descend(_ steps: Int) -> Int {
    guard steps > 0 else { return 0 }
    var block = InlineArray<1024, Int>(repeating: steps)
    let below = descend(steps - 1)
    block[below] = 1
    return below + block[below]
}

@Suite("A thread of one's own")
struct OwnThreadTests {
    @Test("join returns after the body has ended, and what the body did is seen")
    func joining() throws {
        let hasEnded = Mutex(false)
        let gate = Mailbox<Int>(capacity: 1)
        let thread = try OwnThread("waits") {
            var taken: [Int] = []
            gate.take(into: &taken, until: nil)
            hasEnded.withLock { $0 = true }
        }
        #expect(hasEnded.withLock { !$0 })
        _ = gate.post(1)
        thread.join()
        #expect(hasEnded.withLock { $0 })
    }

    @Test("the body is let go when it has ended, with all that it held")
    func release() throws {
        final class Held: Sendable {}
        weak var held: Held?
        do {
            let object = Held()
            held = object
            try OwnThread("holds") { _ = object }.join()
        }
        #expect(held == nil)
    }

    @Test("it has its name and takes no signals, those that cannot be blocked apart")
    func nameAndSignals() throws {
        let status = Mutex<[String: String]>([:])
        try OwnThread("engine") {
            let found = ownStatus()
            status.withLock { $0 = found }
        }.join()
        let found = status.withLock { $0 }
        #expect(found["Name"] == "engine")
        let blocked = try #require(found["SigBlk"].flatMap { UInt64($0, radix: 16) })
        for signal in [SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE] {
            #expect(blocked & 1 << UInt64(signal - 1) != 0, "signal \(signal)")
        }
    }

    @Test("a name that is too long is cut, not refused")
    func longName() throws {
        let name = Mutex("")
        try OwnThread("a-name-of-more-than-fifteen-bytes") {
            let found = ownStatus()["Name"] ?? ""
            name.withLock { $0 = found }
        }.join()
        #expect(name.withLock { $0 } == "a-name-of-more-")
    }

    /// 8 KiB of stack for each step down: two MiB and more in all, which no stack of half a MiB holds.
    @Test("a stack of the size asked for holds what needs it")
    func stack() throws {
        let depth = Mutex(0)
        try OwnThread("deep", stackSize: 4 << 20) {
            let found = descend(256)
            depth.withLock { $0 = found }
        }.join()
        #expect(depth.withLock { $0 } == 256)
    }

    @Test("a system that has no thread to give is told of, with a remedy")
    func refused() throws {
        let error = #expect(throws: ThreadError.self) { _ = try OwnThread("vast", stackSize: 1 << 47) {} }
        #expect(error?.errno == EAGAIN)
        #expect(error?.description.hasPrefix("cannot start a thread: ") == true)
        #expect(error?.description.hasSuffix("; raise TasksMax of the unit or free memory") == true)
    }
}

import Foundation
import Platform
import Synchronization
import Testing

/// A manager that hears what a service says: the socket of `NOTIFY_SOCKET`.
private final class Manager {
    let name: String
    private let descriptor: Int32

    /// `isAbstract`: a name outside the file system, as systemd gives to containers.
    init(isAbstract: Bool) throws {
        let path = FileManager.default.temporaryDirectory.path + "/n-\(UInt32.random(in: 0 ... .max))"
        name = isAbstract ? "@" + path : path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            room.copyBytes(from: (isAbstract ? [0] : []) + Array(path.utf8))
        }
        let length = 2 + (isAbstract ? 1 : 1) + path.utf8.count
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
        }
        try #require(status == 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        unlink(name)
    }

    /// The next message; nil when there is none. `isAwaited`: false for not waiting at all.
    func hear(isAwaited: Bool = true) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, isAwaited ? 0 : Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    func notifier(watchdog: String? = nil, of process: Int32? = nil) -> ServiceNotifier? {
        var variables = ["NOTIFY_SOCKET": name]
        variables["WATCHDOG_USEC"] = watchdog
        variables["WATCHDOG_PID"] = process.map { "\($0)" }
        return ServiceNotifier { variables[$0] }
    }
}

@Suite("A service's manager")
struct ServiceNotifierTests {
    @Test("hears what is sent, by a path and by an abstract name", arguments: [false, true])
    func hears(isAbstract: Bool) throws {
        let manager = try Manager(isAbstract: isAbstract)
        let notifier = try #require(manager.notifier())
        #expect(notifier.send("READY=1", "STATUS=running"))
        #expect(manager.hear() == "READY=1\nSTATUS=running")
        #expect(notifier.watchdog == nil)
    }

    @Test(
        "has a watchdog only when it means this process, and says a time that is one",
        arguments: [
            ("4000000", nil, 4_000_000_000), ("4000000", getpid(), 4_000_000_000), ("4000000", 1, nil),
            ("0", nil, nil), ("-5", nil, nil), ("soon", nil, nil), ("9223372036854775807", nil, nil),
        ] as [(String, Int32?, Int64?)])
    func hasWatchdog(time: String, process: Int32?, watchdog: Int64?) throws {
        let manager = try Manager(isAbstract: true)
        #expect(try #require(manager.notifier(watchdog: time, of: process)).watchdog == watchdog)
    }

    @Test(
        "is nobody without a socket, or with one that is none",
        arguments: [nil, "", "/", "@", "vsock:2:1234", "relative"])
    func isNobody(name: String?) {
        #expect(ServiceNotifier { $0 == "NOTIFY_SOCKET" ? name : nil } == nil)
    }

    @Test("that is gone is no reason to stop")
    func isGone() throws {
        let notifier = try #require(try Manager(isAbstract: true).notifier())
        #expect(!notifier.send("READY=1"))
    }
}

@Suite("A watch over a service", .timeLimit(.minutes(1)))
struct ServiceWatchTests {
    private static let second: Int64 = 1_000_000_000

    @Test("is ready with the last of its parts, and not before")
    func ready() throws {
        let manager = try Manager(isAbstract: true)
        let watch = ServiceWatch(awaiting: ["engine", "inputs"], notifier: manager.notifier())
        watch.arrived("inputs")
        watch.arrived("inputs")
        #expect(watch.phase == .starting)
        watch.getsOn(with: "opening\nthe spool")
        watch.getsOn(with: "opening the spool")
        watch.arrived("engine")
        #expect(watch.phase == .running)
        #expect(manager.hear() == "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=opening the spool")
        #expect(manager.hear() == "READY=1\nSTATUS=running")
        watch.arrived("engine")
        #expect(manager.hear(isAwaited: false) == nil)
    }

    @Test("finds a fault in a thread that does not come round, and in what it attends to")
    func faults() {
        let watch = ServiceWatch(awaiting: ["engine"], notifier: nil)
        let now = SystemClock().monotonic
        watch.pulse.works(at: now - 100 * Self.second)
        #expect(watch.faults(at: now).isEmpty, "nothing is expected of a service that starts")
        watch.arrived("engine")
        #expect(watch.faults(at: now).count == 1)
        watch.pulse.works(at: now - watch.patience)
        #expect(watch.faults(at: now).isEmpty)
        watch.pulse.waits(until: now + 1)
        #expect(watch.faults(at: now + Self.second).isEmpty)
        #expect(watch.faults(at: now + watch.patience + 2).count == 1, "it sleeps on after its time")
        watch.pulse.waits(until: nil)
        #expect(watch.faults(at: now + 1000 * Self.second).isEmpty)
        watch.attend { $0 > now ? "inputs" : nil }
        #expect(watch.faults(at: now).isEmpty)
        #expect(watch.faults(at: now + 1) == ["inputs"])
    }

    @Test("takes half of the watchdog's time for one turn, and half a minute at the most")
    func patience() throws {
        let manager = try Manager(isAbstract: true)
        for (time, patience) in [("4000000", 2), ("60000000", 30), ("600000000", 30)] {
            let watch = ServiceWatch(awaiting: [], notifier: manager.notifier(watchdog: time))
            #expect(watch.patience == Int64(patience) * Self.second)
        }
    }

    @Test("lets a daemon feed the watchdog while it is alive, tell of a reload, and of its stop")
    func daemon() throws {
        let manager = try Manager(isAbstract: true)
        let told = Told()
        let watch = ServiceWatch(awaiting: ["part"], notifier: manager.notifier(watchdog: "400000")) { faults in
            told.faults.withLock { $0.append(faults) }
        }
        let box = Mailbox<Int>(capacity: 4)
        let part = Daemon.Part("part", patience: 5) {
            watch.arrived("part")
            var taken: [Int] = []
            while !taken.contains(0) { box.take(into: &taken, until: nil) }
        } stop: {
            box.insist(0)
        }
        let caller = Mutex<pthread_t?>(nil)
        let daemon = Daemon([[part]], watch: watch) { told.faults.withLock { $0.append(["hup"]) } }
        let thread = try OwnThread("daemon") {
            caller.withLock { $0 = pthread_self() }
            try? daemon.run()
        }
        func next(_ prefix: String) -> String? {
            while let message = manager.hear() { if message.hasPrefix(prefix) { return message } }
            return nil
        }
        #expect(next("READY=1") != nil)
        for _ in 0..<3 { #expect(next("WATCHDOG=1") != nil) }
        let main = try #require(caller.withLock { $0 })
        pthread_kill(main, SIGHUP)
        let reloading = try #require(next("RELOADING=1"))
        #expect(reloading.contains("\nMONOTONIC_USEC="))
        #expect(next("READY=1") != nil)
        watch.pulse.works(at: 1)
        #expect(next("STATUS=not alive") != nil)
        // Nothing but silence while it lasts: the next word is that of the end of it.
        watch.pulse.waits(until: nil)
        #expect(manager.hear()?.hasPrefix("WATCHDOG=1") == true)
        pthread_kill(main, SIGTERM)
        #expect(next("STOPPING=1") != nil)
        thread.join()
        #expect(told.faults.withLock { $0 }.map(\.count) == [1, 1, 0])
    }

    private final class Told: Sendable {
        let faults = Mutex<[[String]]>([])
    }
}

@Suite("Figures of a process")
struct ProcessFiguresTests {
    @Test("are those of this one")
    func reads() throws {
        let figures = ProcessFigures()
        #expect(figures.processorSeconds > 0)
        #expect(try #require(figures.residentBytes) > 1 << 20)
        #expect(try #require(figures.virtualBytes) > figures.residentBytes ?? 0)
        #expect(try #require(figures.threads) >= 1)
        #expect(try #require(figures.openDescriptors) >= 3)
        #expect(try #require(figures.mostDescriptors) >= UInt64(figures.openDescriptors ?? 0))
        let age = Date().timeIntervalSince1970 - (try #require(figures.start))
        #expect((-2...86_400).contains(age))
    }
}

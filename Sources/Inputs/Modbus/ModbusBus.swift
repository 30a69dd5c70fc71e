#if Modbus
import Logging
import Telemetry

/// The master of a bus: asks one device after another, each at its own cadence, over one connection.
///
/// A device that does not answer costs the others one request and its repetition, and is then asked ever more rarely.
struct ModbusBus<Link: ModbusLink> {
    var link: Link
    let settings: ModbusBusSettings
    let priority: PriorityClass
    let input: String
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let sink: any SampleSink
    var devices: [ModbusDevice]
    /// What is known of the way to the bus.
    private var connection: SourceState
    private let watch: InputWatch
    private var words = [UInt16](repeating: 0, count: ReadLimits.mostBits)
    private var samples: [Sample] = []
    /// The channels of the device that is being asked which have been read this time.
    private var fresh: Set<Int> = []

    init(_ settings: ModbusSettings, link: Link, environment: InputEnvironment, sink: any SampleSink) {
        self.link = link
        self.settings = settings.bus
        self.sink = sink
        priority = settings.priority
        input = environment.name
        now = environment.now
        logger = environment.logger
        let start = monotonicNanoseconds()
        devices = settings.devices.map { device in
            ModbusDevice(device, bus: settings.bus.address, environment: environment, sink: sink, now: start)
        }
        watch = environment.watch
        connection = SourceState("\(settings.bus.address)", of: environment)
        samples.reserveCapacity(devices.map(\.channels.count).max() ?? 0)
    }

    /// Reads until `stop` is woken.
    ///
    /// - Parameters:
    ///   - stop: ends it.
    ///   - isHopeless: whether a bus that cannot be reached is a matter for a person; asked after each failure.
    /// - Returns: why it is, or nil when `stop` was woken.
    mutating func run(until stop: Waker, isHopeless: (Link) -> Bool = { _ in false }) -> String? {
        defer { link.close() }
        while !stop.isWoken {
            let moment = monotonicNanoseconds()
            guard let next = devices.indices.min(by: { devices[$0].due < devices[$1].due }) else { return nil }
            let wait = devices[next].due - moment
            watch.comesRound(in: max(0, wait), every: devices[next].schedule.interval, at: moment)
            if wait > 0 {
                if stop.wait(nanoseconds: wait) { return nil }
                continue
            }
            // What was not asked because it had not answered is told as that.
            let wasHeldBack = devices[next].resumes > devices[next].schedule.due
            guard let tick = devices[next].schedule.take(at: moment) else { continue }
            if tick.skipped > 0, !wasHeldBack { sink.reject(tick.skipped, from: input, reason: "skipped tick") }
            fresh.removeAll(keepingCapacity: true)
            do throws(ModbusFailure) {
                try poll(next, until: stop)
            } catch {
                switch error {
                case .stopped: break
                case .unreachable(let reason):
                    if isHopeless(link) { return reason }
                    loseConnection(reason, asking: next)
                default: loseDevice(next, error)
                }
            }
            flush()
        }
        return nil
    }

    /// Reads all blocks of a device, and smaller ones where it refuses.
    private mutating func poll(_ index: Int, until stop: Waker) throws(ModbusFailure) {
        if monotonicNanoseconds() >= devices[index].retries {
            devices[index].plan.retryRefused()
            devices[index].retries = .max
        }
        let refusedBefore = devices[index].plan.refused
        var refusal: ModbusFailure?
        var hasAnswered = false
        var place = 0
        while place < devices[index].plan.blocks.count {
            let block = devices[index].plan.blocks[place]
            do throws(ModbusFailure) {
                try read(block, unit: devices[index].unit, until: stop)
                hasAnswered = true
                take(block, of: index)
                place += 1
            } catch {
                switch error {
                case .refusedAddress: devices[index].plan.refuse(place)
                case .refusedFunction: devices[index].plan.refuseWhole(place)
                default: throw error
                }
                refusal = error
            }
        }
        let moment = monotonicNanoseconds()
        let refused = devices[index].plan.refused
        for member in refused.subtracting(refusedBefore) { substitute(devices[index].plan.origins[member], of: index) }
        if !refused.isEmpty, devices[index].retries == .max {
            devices[index].retries = moment + ModbusDevice.refusalPatience
        }
        if hasAnswered {
            devices[index].state.answered()
            devices[index].tellRefusals(logger)
        } else {
            // Then it is the wrong device or the wrong table, not a missing register.
            devices[index].resumes = moment + devices[index].state.failed(refusal?.description ?? "")
            devices[index].plan.reset()
            devices[index].retries = .max
        }
    }

    /// One request, repeated as the settings say; opens the connection where there is none.
    private mutating func read(_ block: ReadBlock, unit: Int, until stop: Waker) throws(ModbusFailure) {
        var attempt = 0
        while true {
            if stop.isWoken { throw .stopped }
            do throws(ModbusFailure) {
                try open(until: stop)
                if settings.pause > 0, stop.wait(nanoseconds: settings.pause) { throw .stopped }
                return try link.read(block, unit: unit, into: &words)
            } catch {
                switch error {
                case .refusedAddress, .refusedFunction, .unreachable, .stopped: throw error
                case .lost: link.close()
                case .silence, .nonsense: link.settle(until: stop)
                case .exception: break
                }
                // A connection that the device closed while nobody asked is opened again whatever the settings say.
                guard attempt < max(settings.retries, error.isLoss ? 1 : 0) else { throw error }
                attempt += 1
            }
        }
    }

    private mutating func open(until stop: Waker) throws(ModbusFailure) {
        guard !link.isOpen else { return }
        try link.open(until: stop)
        // A connection alone says little: that it works is told only where it had failed.
        if connection.failures > 0 { connection.answered() }
    }

    private mutating func take(_ block: ReadBlock, of index: Int) {
        let time = now()
        for channel in devices[index].channels(of: block) {
            let span = devices[index].channels[channel].register.span
            let start = span.address - block.address
            let reading = devices[index].channels[channel].take(words[start..<start + span.count])
            add(reading, devices[index].channels[channel].series, at: time)
            fresh.insert(channel)
        }
    }

    private mutating func substitute(_ channel: Int, of index: Int) {
        add(devices[index].channels[channel].substitute, devices[index].channels[channel].series, at: now())
    }

    private mutating func add(_ reading: (value: Value, quality: Quality)?, _ series: SeriesID?, at time: Timestamp) {
        guard let reading else { return }
        guard let series else { return sink.reject(1, from: input, reason: "limit on series") }
        samples.append(Sample(series: series, timestamp: time, value: reading.value, quality: reading.quality))
    }

    private mutating func flush() {
        guard !samples.isEmpty else { return }
        sink.accept(samples, priority: priority)
        samples.removeAll(keepingCapacity: true)
    }

    private mutating func loseDevice(_ index: Int, _ failure: ModbusFailure) {
        let pause = devices[index].state.failed(failure.description)
        devices[index].resumes = monotonicNanoseconds() + pause
        giveUp(index)
    }

    private mutating func loseConnection(_ reason: String, asking asked: Int) {
        let resumes = monotonicNanoseconds() + connection.failed(reason)
        // The one that was asked first: only of it something may have been read.
        for index in [asked] + devices.indices.filter({ $0 != asked }) {
            devices[index].resumes = max(devices[index].resumes, resumes)
            giveUp(index)
            fresh.removeAll(keepingCapacity: true)
        }
    }

    /// What could not be read is told as unreliable: once for each try, and there are ever fewer.
    private mutating func giveUp(_ index: Int) {
        for channel in devices[index].channels.indices where !fresh.contains(channel) { substitute(channel, of: index) }
        sink.reject(devices[index].channels.count - fresh.count, from: input, reason: "no answer")
        flush()
    }
}

extension ModbusFailure {
    fileprivate var isLoss: Bool { if case .lost = self { true } else { false } }
}
#endif

import Frames
import Telemetry

/// Samples that resemble what a box in the field gives, the same on every machine.
struct SampleMix: Sendable {
    let name: String
    let title: String
    let definitions: [SeriesDefinition]
    /// Readings in one frame.
    let readings: Int
    /// Nanoseconds between readings.
    let interval: Int64
    /// How each series behaves, in the order of `definitions`.
    private let behaviours: [Behaviour]

    var samplesPerFrame: Int { definitions.count * readings }

    /// How the values of a series move.
    enum Behaviour {
        /// A share in percent to two decimals, around a level.
        case percent(Double)
        case constant(Int64)
        /// Grows by up to so much a reading.
        case counter(Int64)
        /// An amount that moves by up to so much.
        case amount(Int64, by: Int64)
        /// Grows by the interval.
        case uptime
        /// An oscillation to so many decimals: a joint that goes to and fro.
        case oscillation(amplitude: Double, offset: Double, decimals: Int)
    }

    init(
        _ name: String, _ title: String, readings: Int, interval: Int64, _ series: [(series: Series, Behaviour)]
    ) {
        self.name = name
        self.title = title
        self.readings = readings
        self.interval = interval
        definitions = series.enumerated().map { index, item in
            SeriesDefinition(id: SeriesID(rawValue: UInt32(index)), series: item.series)
        }
        behaviours = series.map(\.1)
    }

    /// The samples of `count` frames that follow each other.
    func frames(_ count: Int) -> [[Sample]] {
        var frames = FrameSamples(self)
        return (0..<count).map { _ in frames.next() }
    }

    /// The samples of one frame after another, without an end.
    struct FrameSamples {
        private let mix: SampleMix
        private var random = SplitMix64(seed: 20_261_122)
        private var states: [Double] = []
        private var time = Origin.begin * 1_000_000_000

        init(_ mix: SampleMix) {
            self.mix = mix
            for behaviour in mix.behaviours {
                switch behaviour {
                case .counter: states.append(Double(Int64.random(in: 1_000_000...9_000_000_000, using: &random)))
                case .amount(let level, _): states.append(Double(level))
                default: states.append(Double.random(in: 0..<6.28, using: &random))
                }
            }
        }

        mutating func next() -> [Sample] {
            var samples: [Sample] = []
            samples.reserveCapacity(mix.samplesPerFrame)
            for _ in 0..<mix.readings {
                time += mix.interval
                // A timer fires some ten microseconds late.
                let stamp = Timestamp(nanoseconds: time + Int64.random(in: 50_000...250_000, using: &random))
                for (index, definition) in mix.definitions.enumerated() {
                    let value = mix.behaviours[index].next(&states[index], mix.interval, &random)
                    samples.append(Sample(series: definition.id, timestamp: stamp, value: value))
                }
            }
            return samples
        }
    }
}

extension SampleMix.Behaviour {
    fileprivate func next(_ state: inout Double, _ interval: Int64, _ random: inout SplitMix64) -> Value {
        switch self {
        case .percent(let level):
            let share = level * Double.random(in: 0.5...1.5, using: &random)
            return .double((share * 100).rounded() / 100)
        case .constant(let value): return .integer(value)
        case .counter(let step):
            state += Double(Int64.random(in: 0...step, using: &random))
            return .integer(Int64(state))
        case .amount(_, let step):
            state += Double(Int64.random(in: -step...step, using: &random) / 4096 * 4096)
            return .integer(Int64(state))
        case .uptime:
            state += Double(interval) / 1e9
            return .double((state * 100).rounded() / 100)
        case .oscillation(let amplitude, let offset, let decimals):
            state += 0.1
            let noise = Double.random(in: -0.01...0.01, using: &random)
            let scale = [1.0, 10, 100, 1000][decimals]
            return .double(((offset + amplitude * (sine(state) + noise)) * scale).rounded() / scale)
        }
    }

    /// Bhaskara's approximation; near enough for a joint, and the same on every machine.
    private func sine(_ angle: Double) -> Double {
        let phase = angle.truncatingRemainder(dividingBy: 2 * .pi)
        let half = phase < .pi ? phase : phase - .pi
        let product = half * (.pi - half)
        let value = 16 * product / (5 * .pi * .pi - 4 * product)
        return phase < .pi ? value : -value
    }
}

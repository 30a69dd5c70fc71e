#if Modbus
import Telemetry

/// One value of a device over time: what it was last, and how often its counter has wrapped.
struct RegisterChannel {
    let register: ModbusRegister
    /// Nil when the box's limit on series is reached.
    let series: SeriesID?
    private var last: Value?
    private var lastCount: UInt64?
    private var wraps: UInt64 = 0

    init(_ register: ModbusRegister, series: SeriesID?) {
        self.register = register
        self.series = series
    }

    /// What a response says of it.
    ///
    /// - Parameter words: the registers of its span.
    /// - Returns: nil where the device says that it has no value, and there has never been one to take its place.
    mutating func take(_ words: ArraySlice<UInt16>) -> (value: Value, quality: Quality)? {
        let raw = register.codec.decode(words)
        if !register.invalid.isEmpty, register.invalid.contains(register.codec.pattern(words)) { return substitute }
        guard let (value, quality) = value(of: raw) else { return substitute }
        last = value
        return (value, quality)
    }

    /// What stands in for a value that could not be had: the last one, or NaN for a number of which none is known. A state
    /// that nobody knows has no substitute.
    var substitute: (value: Value, quality: Quality)? {
        if let last { return (last, .unreliable) }
        return register.series.kind == .state ? nil : (.double(.nan), .unreliable)
    }

    private mutating func value(of raw: RawReading) -> (Value, Quality)? {
        switch raw {
        case .boolean(let value): return (.boolean(value), [])
        case .text(let text): return (.text(text), [])
        case .nonsense: return nil
        case .signed(let number):
            if !register.states.isEmpty { return state(UInt64(bitPattern: number) & ones, number.description) }
            if register.isScaled { return judged(register.scaled(Double(number))) }
            return (.integer(number), quality(Double(number)))
        case .unsigned(let number):
            if !register.states.isEmpty { return state(number, number.description) }
            let total = counted(number)
            if register.isScaled { return judged(register.scaled(Double(total))) }
            return (.integer(Int64(clamping: total)), quality(Double(total)))
        case .real(let number):
            return number.isFinite ? judged(register.scaled(number)) : nil
        }
    }

    /// Nil for one that scale and offset take beyond all numbers.
    private func judged(_ number: Double) -> (Value, Quality)? {
        number.isFinite ? (.double(number), quality(number)) : nil
    }

    private func quality(_ number: Double) -> Quality {
        register.series.provenance.range.map { $0.contains(number) ? [] : .outOfRange } ?? []
    }

    private var ones: UInt64 {
        let bits = register.codec.count * 16
        return bits >= 64 ? .max : (1 << UInt64(bits)) - 1
    }

    /// A code that has no name is given as it is, since hiding it would help nobody.
    private func state(_ code: UInt64, _ text: String) -> (Value, Quality) {
        register.states[code].map { (.text($0), []) } ?? (.text(text), .outOfRange)
    }

    private mutating func counted(_ number: UInt64) -> UInt64 {
        guard register.counting == .wraps else { return number }
        if let lastCount, number < lastCount { wraps += 1 }
        lastCount = number
        let bits = UInt64(register.codec.count * 16)
        return bits >= 64 ? number : wraps << bits &+ number
    }
}
#endif

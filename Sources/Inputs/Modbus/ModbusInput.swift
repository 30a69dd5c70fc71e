#if Modbus

package import Configuration

/// Reads devices on a Modbus bus.
package struct ModbusInput: Input {
    package static let kind = "modbus"
    package static let summary = "meters, transmitters and controllers on a Modbus bus, by TCP or a serial line"
    package static let sample = """
        - type: modbus
          # One device. Several behind one gateway or on one line: see the end.
          device:
            # tcp://HOST:PORT, or rtu:///dev/NAME for a serial line.
            url: "tcp://10.0.0.9:502"
            # The unit identifier; on a serial line the address of the slave.
            unit: 1
            # The device that the series are about, by default the agent itself.
            # name: meter-1
            # The registers of a known device, from /etc/fieldproof/devices/NAME.yaml; 'registers' below may add some.
            # profile: eastron-sdm630
            # How long an answer may take, and how often a request is repeated that got none.
            timeout: 1s
            retries: 1
            # Of a serial line; baud and parity must be said there.
            # baud: 9600
            # parity: none
            # stop-bits: 1
            # Who turns a two-wire line to sending: automatic (the adapter), kernel, rts-up, rts-down.
            # direction: automatic
            # Silence before each request, for devices that need it.
            # pause: 20ms
          # Time between readings, 10ms to 1d.
          every: 1s
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # The most registers and bits that the device gives at once, and how many that nobody asked for may be read to
          # save a request.
          limits: {registers: 125, bits: 2000, gap: 0}
          # What holds for registers that do not say it themselves.
          defaults: {kind: input, encode: uint16, order: ABCD}
          registers:
            # Addresses count from 0, as they travel: what a manual calls 30001 is input 0, and 40001 holding 0.
            # encode: bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, bcd16, bcd32, text.
            - {address: 0, encode: int16, scale: 0.1, series: room.temperature, unit: Cel, invalid: 0x8000}
            - {address: 1, scale: 0.1, series: room.humidity, unit: "%", range: [0, 100]}
            # Several registers: A is the most significant byte. ABCD, CDAB, BADC or DCBA.
            - {address: 2, encode: float32, order: CDAB, series: line.power, unit: W, tags: {phase: l1}}
            # A counter: does a fall mean that the device began anew (resets), or that the register was full (wraps)?
            - {address: 4, encode: uint32, scale: 0.01, series: line.energy, unit: kW.h, counter: wraps}
            # States: a number with names, one bit, some bits, a coil, a text of eight registers.
            - {address: 10, series: pump.mode, states: {0: idle, 1: running, 2: fault}}
            - {address: 11, bit: 3, series: door.open}
            - {address: 12, mask: 0x00F0, series: pump.stage}
            - {kind: coil, address: 0, series: valve.open}
            - {kind: holding, address: 100, encode: text, length: 8, series: pump.serial}
        # Several devices share one connection, as they must on a serial line:
        # - type: modbus
        #   bus: {url: "rtu:///dev/ttyUSB0", baud: 9600, parity: none}
        #   every: 1s
        #   devices:
        #     - {unit: 1, name: meter-1, profile: eastron-sdm630}
        #     - {unit: 2, name: climate-1, profile: xy-md02, every: 10s}
        """

    private let settings: ModbusSettings
    private let environment: InputEnvironment

    package init(_ settings: ModbusSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package static func borrowed(by settings: ModbusSettings) -> [CoreValue] { settings.devices.compactMap(\.profile) }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        var bus = ModbusBus(
            settings, link: LibModbusLink(settings.bus), environment: environment, sink: sink)
        let reason = bus.run(until: stop) { $0.refusal != nil }
        guard let reason, let code = bus.link.refusal else { return }
        let advice = code == .notPermitted ? "; add the agent's user to the group 'dialout'" : ""
        throw InputError(code, input: environment.name, "\(settings.bus.address) \(reason)\(advice)")
    }
}
#endif

import Telemetry

/// Units as the world writes them.
enum UnitText {
    /// The unit of a text such as `°C`, `kWh` or `µg/m³`; nil for one that is not known here. UCUM codes are taken as they stand.
    static func unit(_ text: some StringProtocol) -> Unit? {
        let text = String(text)
        if let code = written[text] { return Unit(code) }
        // Before small letters are tried: kN is no kn.
        if let unit = Unit(text), unit.isKnown { return unit }
        return written[text.lowercased()].flatMap { Unit($0) }
    }

    /// Home Assistant's units of measurement (developers.home-assistant.io, "Available device classes"), zigbee2mqtt's and Tasmota's, as far
    /// as they are not UCUM codes. What is a pure number is `1`.
    private static let written: [String: String] = [
        "°C": "Cel", "ºC": "Cel", "C": "Cel", "°F": "[degF]", "ºF": "[degF]", "F": "[degF]", "°": "deg", "lux": "lx",
        "VA": "V.A", "kVA": "kV.A", "var": "V.A", "kvar": "kV.A", "Wh": "W.h", "kWh": "kW.h", "MWh": "MW.h",
        "mAh": "mA.h", "Ah": "A.h", "ppm": "[ppm]", "ppb": "[ppb]", "µg/m³": "ug/m3", "μg/m³": "ug/m3",
        "ug/m³": "ug/m3", "mg/m³": "mg/m3", "m³": "m3", "m³/h": "m3/h", "L": "L", "l": "L", "L/min": "L/min",
        "m/s²": "m/s2", "W/m²": "W/m2", "µT": "uT", "μT": "uT", "µS/cm": "uS/cm", "μS/cm": "uS/cm", "µV": "uV",
        "psi": "[psi]", "mmHg": "mm[Hg]", "inHg": "[in_i'Hg]", "mbar": "mbar", "ph": "[pH]", "pH": "[pH]", "PH": "[pH]",
        "KN": "kN", "rpm": "{rev}/min",
        "Ω": "Ohm", "kΩ": "kOhm", "ft": "[ft_i]", "in": "[in_i]", "mph": "[mi_i]/h", "kn": "[kn_i]", "lb": "[lb_av]",
        "gal": "[gal_us]", "d": "d", "B": "By", "kB": "kBy", "MB": "MBy", "GB": "GBy", "KiB": "KiBy", "MiB": "MiBy",
        "GiB": "GiBy", "bytes": "By", "seconds": "s", "milliseconds": "ms", "lqi": "1", "hour": "h", "minutes": "min",
        "dBm": "dB", "kt": "[kn_i]", "cfm": "[cft_i]/min", "mired": "1", "": "1",
    ]
}

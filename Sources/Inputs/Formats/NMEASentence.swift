import Telemetry

/// What the fields of one kind of NMEA 0183 sentence mean. Fields are numbered from 1, the first behind the address.
///
/// The layout of sentences is that of the standard IEC 61162-1 as makers of receivers publish it (u-blox, "Interface
/// Description"; Trimble, "NMEA-0183 messages"); E. S. Raymond, "NMEA Revealed", collects what differs.
struct NMEASentence: Sendable {
    struct Field: Sendable {
        enum Form: Sendable {
            /// Times this.
            case number(Double)
            case whole
            /// Degrees and minutes, `ddmm.mmm`, with the hemisphere in the field behind.
            case coordinate
            /// A number with a direction behind; west, south and left are negative.
            case directed
            /// A speed with its unit behind: K km/h, M m/s, N knots, S miles per hour. Becomes m/s.
            case speed
        }

        let index: Int
        let series: String
        let unit: Unit
        let form: Form
        let isCounter: Bool
        var tag: Tag?

        init(
            _ index: Int, _ series: String, _ unit: String = "1", _ form: Form = .number(1), isCounter: Bool = false,
            tag: Tag? = nil
        ) {
            self.index = index
            self.series = series
            self.unit = Unit(unit) ?? .one
            self.form = form
            self.isCounter = isCounter
            self.tag = tag
        }
    }

    var fields: [Field]
    /// A field that says whether the sentence can be trusted, and the letters that say it can.
    var validity: (index: Int, good: StaticString)?
    /// Where the time of day stands.
    var time: Int?
    /// Where the date stands as `ddmmyy`.
    var date: Int?

    init(_ fields: [Field], valid: (Int, StaticString)? = nil, time: Int? = nil, date: Int? = nil) {
        self.fields = fields
        validity = valid
        self.time = time
        self.date = date
    }
}

extension NMEASentence {
    private static func position(_ latitude: Int) -> [Field] {
        [
            Field(latitude, "position.latitude", "deg", .coordinate),
            Field(latitude + 2, "position.longitude", "deg", .coordinate),
        ]
    }

    private static let knot = "[kn_i]"

    /// By the three letters behind the talker.
    static let known: [String: NMEASentence] = [
        "GGA": NMEASentence(
            position(2) + [
                Field(6, "gnss.quality", "1", .whole), Field(7, "gnss.satellites", "1", .whole),
                Field(8, "gnss.hdop"), Field(9, "position.altitude", "m"),
                Field(11, "position.geoid-separation", "m"), Field(13, "gnss.correction-age", "s"),
            ],
            // 1 to 5 are fixes; 0 is none, 6 dead reckoning, 7 by hand, 8 a simulator.
            valid: (6, "12345"), time: 1),
        "GNS": NMEASentence(
            position(2) + [
                Field(7, "gnss.satellites", "1", .whole), Field(8, "gnss.hdop"), Field(9, "position.altitude", "m"),
                Field(10, "position.geoid-separation", "m"),
            ], valid: (6, "ADFPR"), time: 1),
        "RMC": NMEASentence(
            position(3) + [
                Field(7, "speed.ground", knot), Field(8, "course.ground", "deg"),
                Field(10, "magnetic.variation", "deg", .directed),
            ], valid: (2, "A"), time: 1, date: 9),
        "GLL": NMEASentence(position(1), valid: (6, "A"), time: 5),
        "VTG": NMEASentence(
            [
                Field(1, "course.ground", "deg"), Field(3, "course.ground-magnetic", "deg"),
                Field(5, "speed.ground", knot),
            ], valid: (9, "ADFPR")),
        "GSA": NMEASentence([
            Field(2, "gnss.fix", "1", .whole), Field(15, "gnss.pdop"), Field(16, "gnss.hdop"), Field(17, "gnss.vdop"),
        ]),
        "GST": NMEASentence(
            [
                Field(2, "position.error.rms", "m"), Field(6, "position.error.latitude", "m"),
                Field(7, "position.error.longitude", "m"), Field(8, "position.error.altitude", "m"),
            ], time: 1),
        "ZDA": NMEASentence([], time: 1),
        "HDT": NMEASentence([Field(1, "heading.true", "deg")]),
        "THS": NMEASentence([Field(1, "heading.true", "deg")], valid: (2, "A")),
        "HDM": NMEASentence([Field(1, "heading.magnetic", "deg")]),
        "HDG": NMEASentence([
            Field(1, "heading.magnetic", "deg"), Field(2, "magnetic.deviation", "deg", .directed),
            Field(4, "magnetic.variation", "deg", .directed),
        ]),
        "ROT": NMEASentence([Field(1, "turn.rate", "deg/min")], valid: (2, "A")),
        "MWD": NMEASentence([
            Field(1, "wind.direction.true", "deg"), Field(3, "wind.direction.magnetic", "deg"),
            Field(7, "wind.speed.true", "m/s"),
        ]),
        "DBT": NMEASentence([Field(3, "depth.below-transducer", "m")]),
        "DBS": NMEASentence([Field(3, "depth.below-surface", "m")]),
        "DBK": NMEASentence([Field(3, "depth.below-keel", "m")]),
        "DPT": NMEASentence([Field(1, "depth.below-transducer", "m"), Field(2, "depth.offset", "m")]),
        "MTW": NMEASentence([Field(1, "water.temperature", "Cel")]),
        "VHW": NMEASentence([
            Field(1, "heading.true", "deg"), Field(3, "heading.magnetic", "deg"), Field(5, "speed.water", knot),
        ]),
        "VLW": NMEASentence([
            Field(1, "distance.water", "[nmi_i]", isCounter: true),
            Field(3, "distance.water-trip", "[nmi_i]", isCounter: true),
        ]),
        "RSA": NMEASentence([
            Field(1, "rudder.angle", "deg", tag: Tag("side", "starboard")),
            Field(3, "rudder.angle", "deg", tag: Tag("side", "port")),
        ]),
        "MDA": NMEASentence([
            Field(3, "air.pressure", "bar"), Field(5, "air.temperature", "Cel"), Field(7, "water.temperature", "Cel"),
            Field(9, "air.humidity", "%"), Field(11, "air.dew-point", "Cel"), Field(13, "wind.direction.true", "deg"),
            Field(15, "wind.direction.magnetic", "deg"), Field(19, "wind.speed.true", "m/s"),
        ]),
    ]

    /// MWV, whose second field says whether the wind is as measured or worked out.
    static let relativeWind = NMEASentence(
        [Field(1, "wind.angle.apparent", "deg"), Field(3, "wind.speed.apparent", "m/s", .speed)], valid: (5, "A"))
    static let trueWind = NMEASentence(
        [Field(1, "wind.angle.true", "deg"), Field(3, "wind.speed.true", "m/s", .speed)], valid: (5, "A"))

    /// What a transducer of XDR measures, by its type and unit letters.
    static func transducer(_ type: UInt8, _ unit: UInt8) -> (series: String, unit: String)? {
        switch (Character(Unicode.Scalar(type)), Character(Unicode.Scalar(unit))) {
        case ("A", "D"): ("transducer.angle", "deg")
        case ("C", "C"): ("transducer.temperature", "Cel")
        case ("D", "M"): ("transducer.displacement", "m")
        case ("F", "H"): ("transducer.frequency", "Hz")
        case ("H", "P"): ("transducer.humidity", "%")
        case ("I", "A"): ("transducer.current", "A")
        case ("L", "S"): ("transducer.salinity", "[ppth]")
        case ("N", "N"): ("transducer.force", "N")
        case ("P", "B"): ("transducer.pressure", "bar")
        case ("P", "P"): ("transducer.pressure", "Pa")
        case ("R", "L"): ("transducer.flow", "L/s")
        case ("T", "R"): ("transducer.rotation", "{rev}/min")
        case ("U", "V"): ("transducer.voltage", "V")
        case ("V", "M"): ("transducer.volume", "m3")
        case ("G", _): ("transducer.generic", "1")
        case ("S", _): ("transducer.switch", "1")
        default: nil
        }
    }
}

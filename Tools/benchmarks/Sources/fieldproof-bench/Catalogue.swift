import Inputs

/// What can be measured: a kernel on a mix.
struct Subject: Sendable {
    let kernel: String
    let mix: String
    let make: @Sendable (Origin, _ directory: String) throws -> any Kernel

    static let all: [Subject] =
        SampleMix.all.flatMap { mix in
            [
                Subject(kernel: "encode", mix: mix.name) { origin, _ in try FrameEncoding(mix, origin) },
                Subject(kernel: "senml", mix: mix.name) { origin, _ in try SenMLWriting(mix, origin, level: nil) },
                Subject(kernel: "senml-zlib", mix: mix.name) { origin, _ in try SenMLWriting(mix, origin, level: 6) },
                Subject(kernel: "decode", mix: mix.name) { origin, _ in try FrameDecoding(mix, origin) },
                Subject(kernel: "senml-zlib-read", mix: mix.name) { origin, _ in
                    try SenMLReading(mix, origin, level: 6)
                },
                Subject(kernel: "sha256", mix: mix.name) { origin, _ in try FrameHashing(mix, origin) },
                Subject(kernel: "lines", mix: mix.name) { origin, _ in try LineParsing(mix, origin) },
                Subject(kernel: "fold", mix: mix.name) { origin, _ in try Folding(mix, origin, samples: 40_000) },
            ]
        } + MeasuredRecords.shapes.map { shape in
            Subject(kernel: "records", mix: shape.name) { origin, _ in
                try RecordParsing(shape.name, record: shape.record, origin)
            }
        } + [
            Subject(kernel: "log-4k", mix: "joints") { origin, directory in
                try LogAppending(.joints, origin, syncBytes: 4096, directory: directory)
            },
            Subject(kernel: "log-64k", mix: "joints") { origin, directory in
                try LogAppending(.joints, origin, syncBytes: 65_536, directory: directory)
            },
            // As many frames between syncs as a busy second gives.
            Subject(kernel: "spool", mix: "host") { origin, directory in
                try Spooling(.host, origin, frames: 200, directory: directory)
            },
            Subject(kernel: "spool", mix: "joints") { origin, directory in
                try Spooling(.joints, origin, frames: 200, directory: directory)
            },
            Subject(kernel: "spool", mix: "wide") { origin, directory in
                try Spooling(.wide, origin, frames: 16, directory: directory)
            },
            Subject(kernel: "host-reading", mix: "this-machine") { origin, _ in HostReading(origin) },
        ]

    static func named(_ kernel: String, on mix: String) throws -> Subject {
        guard let subject = all.first(where: { $0.kernel == kernel && $0.mix == mix }) else {
            throw BenchmarkError("there is no kernel '\(kernel)' on the mix '\(mix)'; see 'fieldproof-bench list'")
        }
        return subject
    }
}

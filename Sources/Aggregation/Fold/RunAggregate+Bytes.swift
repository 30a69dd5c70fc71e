import Statistics
import Telemetry

extension RunAggregate {
    /// "FRA"; the version of the format follows.
    private static let magic: [UInt8] = [0x46, 0x52, 0x41]

    /// The aggregate for a store: deterministic and lossless. The layout is described in <doc:RunAggregateFormat>.
    package var bytes: [UInt8] {
        var writer = AggregateWriter()
        writer.bytes += Self.magic + [format]
        writer.write(frames)
        writer.write(varint: samples)
        writer.write(clockError) { $0.write(signed: $1) }
        writer.write(varint: unusable)
        writer.write(metrics) { $0.write($1, format: format) }
        writer.write(breaches) { writer, breach in
            writer.write(breach.rule)
            writer.write(breach.count)
            writer.write(breach.first) { $0.write(signed: $1.nanoseconds) }
        }
        writer.write(events) { writer, event in
            writer.write(event.name)
            writer.write(event.count)
        }
        writer.write(uptimes) { $0.write($1) }
        return writer.bytes
    }

    /// Reads what ``bytes`` wrote, and nothing else.
    ///
    /// - Throws: ``AggregationError/Code/malformedAggregate`` with the offset of the offending byte.
    package init(bytes: [UInt8]) throws(AggregationError) {
        var reader = AggregateReader(bytes)
        for byte in Self.magic where try reader.byte() != byte {
            throw reader.malformed("this is no run aggregate; fold the run again")
        }
        let format = try reader.byte()
        guard Self.formats.contains(format) else {
            throw reader.malformed("this is no run aggregate of format 4 to 6; fold the run again")
        }
        self.format = format
        frames = try reader.count()
        samples = try reader.varint()
        clockError = try reader.optional { (reader) throws(AggregationError) in try reader.signed() }
        unusable = try reader.varint()
        metrics = try reader.array { (reader) throws(AggregationError) in
            try Metric(from: &reader, format: format)
        }
        breaches = try reader.array { (reader) throws(AggregationError) in
            Breaches(
                rule: try reader.text(), count: try reader.count(),
                first: try reader.optional { (reader) throws(AggregationError) in try reader.time() })
        }
        events = try reader.array { (reader) throws(AggregationError) in
            EventCount(name: try reader.text(), count: try reader.count())
        }
        uptimes = try reader.array { (reader) throws(AggregationError) in try Uptime(from: &reader) }
        guard reader.isAtEnd else { throw reader.malformed("bytes follow the end of the aggregate") }
    }
}

extension AggregateWriter {
    fileprivate mutating func write(_ metric: RunAggregate.Metric, format: UInt8) {
        write(metric.id)
        write(bytes: metric.sketch.serialized())
        write(metric.dispersion.count)
        write(metric.dispersion.mean)
        write(metric.dispersion.squares)
        write(metric.unreliable)
        if format > 5 { write(metric.marked ?? 0) }
        write(metric.first) { $0.write(signed: $1.nanoseconds) }
        write(metric.last) { writer, last in
            writer.write(signed: last.time.nanoseconds)
            writer.write(last.value)
        }
        write(metric.exactP95) { $0.write($1) }
        write(metric.series) { writer, series in
            writer.write(series.source.agent.text)
            writer.write(series.source.key)
            writer.write(signed: series.covered)
            writer.write(signed: series.longestGap)
            guard format > 4 else { return }
            writer.write(series.gaps ?? []) { writer, gap in
                writer.write(signed: gap.from)
                writer.write(signed: gap.silent)
                writer.write(signed: gap.to)
            }
        }
        write(metric.envelope.parts) { writer, part in
            writer.write(part.count)
            guard part.count > 0 else { return }
            writer.write(part.least)
            writer.write(part.greatest)
        }
    }
}

extension AggregateWriter {
    fileprivate mutating func write(_ uptime: RunAggregate.Uptime) {
        write(uptime.rule.down)
        write(uptime.rule.up)
        write(signed: uptime.time.up)
        write(signed: uptime.time.down)
        write(uptime.time.failures)
        write(uptime.time.repairs)
    }
}

extension RunAggregate.Uptime {
    fileprivate init(from reader: inout AggregateReader) throws(AggregationError) {
        rule = OutageRule(down: try reader.text(), up: try reader.text())
        var time = Uptime()
        time.up = try reader.signed()
        time.down = try reader.signed()
        time.failures = try reader.count()
        time.repairs = try reader.count()
        self.time = time
    }
}

extension AggregateReader {
    fileprivate mutating func time() throws(AggregationError) -> Timestamp { Timestamp(nanoseconds: try signed()) }
}

extension RunAggregate.Metric {
    fileprivate init(from reader: inout AggregateReader, format: UInt8) throws(AggregationError) {
        id = try reader.text()
        let serialized = try reader.bytes()
        do throws(StatisticsError) {
            sketch = try Sketch(serialized: serialized)
        } catch {
            throw reader.malformed("the sketch of metric \(id) is damaged: \(error)")
        }
        dispersion = Dispersion(count: try reader.count(), mean: try reader.double(), squares: try reader.double())
        unreliable = try reader.count()
        marked = format > 5 ? try reader.count() : nil
        first = try reader.optional { (reader) throws(AggregationError) in try reader.time() }
        last = try reader.optional { (reader) throws(AggregationError) in
            RunAggregate.LastSample(time: try reader.time(), value: try reader.double())
        }
        exactP95 = try reader.optional { (reader) throws(AggregationError) in try reader.double() }
        series = try reader.array { (reader) throws(AggregationError) in
            guard let agent = Identifier(try reader.text()) else { throw reader.malformed("an agent's id is damaged") }
            var series = RunAggregate.Series(
                source: SeriesSource(agent: agent, key: try reader.text()), covered: try reader.signed(),
                longestGap: try reader.signed())
            guard format > 4 else { return series }
            let gaps = try reader.array { (reader) throws(AggregationError) in
                Presence.Gap(from: try reader.signed(), silent: try reader.signed(), to: try reader.signed())
            }
            let isSound =
                gaps.allSatisfy { $0.from <= $0.silent && $0.silent <= $0.to }
                && zip(gaps, gaps.dropFirst()).allSatisfy { $0.to <= $1.from }
            guard isSound, gaps.count <= Presence.mostGaps else { throw reader.malformed("gaps are damaged") }
            series.gaps = gaps
            return series
        }
        let parts = try reader.array { (reader) throws(AggregationError) in try Envelope.Part(from: &reader) }
        guard [0, Envelope.length].contains(parts.count) else { throw reader.malformed("an envelope is damaged") }
        envelope = Envelope(parts: parts)
    }
}

extension Envelope.Part {
    fileprivate init(from reader: inout AggregateReader) throws(AggregationError) {
        self.init()
        count = try reader.count()
        guard count > 0 else { return }
        least = try reader.double()
        greatest = try reader.double()
        guard count <= 1 << 56, least.isFinite, greatest.isFinite, least <= greatest else {
            throw reader.malformed("an envelope is damaged")
        }
    }
}

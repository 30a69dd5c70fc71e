import Configuration
import Connection
import Foundation
import Mosquitto
import Telemetry
import Testing

@testable import Inputs

/// A course of messages for each preset, in the shapes of its documentation, and what is made of it.
///
/// `FIELDPROOF_RECORD=1` writes the expectations anew, to be looked at as a difference.
@Suite("MQTT: golden courses")
struct MQTTGoldenTests {
    private static let access = BrokerAccess(address: BrokerAddress(host: "127.0.0.1"))
    private static let hall = TopicPattern([.text("livingroom")])

    private static func settings(_ course: String) throws -> MQTTSettings {
        switch course {
        case "zigbee2mqtt": MQTTSettings(access: access, presets: [PresetRule(.zigbee2mqtt, prefix: "room")])
        case "tasmota": MQTTSettings(access: access, presets: [PresetRule(.tasmota)])
        case "esphome":
            MQTTSettings(
                access: access,
                presets: [
                    PresetRule(.esphome, base: hall, units: ["living_room_temperature": .celsius, "voltage": .volt])
                ])
        case "homeassistant": MQTTSettings(access: access, presets: [PresetRule(.homeassistant)])
        case "vda5050-v2", "vda5050-v3": MQTTSettings(access: access, presets: [PresetRule(.vda5050)])
        default: try topics()
        }
    }

    private static func topics() throws -> MQTTSettings {
        let text = """
            url: mqtt://127.0.0.1
            topics:
              - topic: "plant/{line}/oven/{zone}/temperature"
                format: {type: value, series: oven.temperature, unit: Cel}
              - topic: "cells/{device}/state"
                tags: {hall: "2"}
                format:
                  type: json
                  fields:
                    cell.voltage: {pointer: /power/voltage, unit: V}
                    cell.charge: {pointer: /soc, unit: "%"}
                    cell.cycles: {pointer: /cycles, as: integer, kind: counter}
                    cell.ok: {pointer: /ok, as: boolean}
                    cell.mode: {pointer: /mode, as: text}
                  time: /at
              - {topic: "doors/{device}/opened", event: door.opened}
              - {topic: "lines/+", format: line}
            """
        return try ConfigurationFile(name: "x", text: text).decode(MQTTSettings.self)
    }

    @Test(
        "a course of messages gives the same samples and events as ever",
        arguments: ["zigbee2mqtt", "tasmota", "esphome", "homeassistant", "vda5050-v2", "vda5050-v3", "topics"])
    func golden(course: String) throws {
        let sink = RecordingSink()
        let log = RecordingLog()
        let environment = InputEnvironment.test(name: "mqtt", log: log)
        var intake = MQTTIntake(try Self.settings(course), environment: environment, sink: sink)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/mqtt/\(course)")
        var text = "filters: \(intake.filters.joined(separator: " "))\n"
        let lines = try String(contentsOf: folder.appendingPathComponent("messages.txt"), encoding: .utf8)
        for (number, line) in lines.split(separator: "\n").enumerated() where !line.hasPrefix("#") {
            let message = Self.message(line)
            sink.clear()
            let changes = intake.take(message, at: Timestamp(seconds: 1_795_300_000 + Int64(number)))
            text += "# \(message.isRetained ? "retained " : "")\(message.topic)\n"
            for recorded in sink.samples {
                let (series, sample) = (recorded.series, recorded.sample)
                let own =
                    sample.timestamp == Timestamp(seconds: 1_795_300_000 + Int64(number))
                    ? "" : " @ \(sample.timestamp)"
                text += "\(series.key) = \(sample.value.plain) \(series.unit) \(series.kind)\(own)\n"
            }
            for event in sink.events {
                let known = event.attributes.map { " \($0.key)=\($0.value.plain)" }.joined()
                text += "event \(event.name)\(known)\n"
            }
            for (reason, count) in sink.rejected.sorted(by: { $0.key < $1.key }) {
                text += "dropped \(count) × \(reason)\n"
            }
            if !changes.subscribe.isEmpty { text += "subscribe \(changes.subscribe.joined(separator: " "))\n" }
            if !changes.unsubscribe.isEmpty { text += "unsubscribe \(changes.unsubscribe.joined(separator: " "))\n" }
        }
        text += "# log\n" + log.text.map { $0 + "\n" }.joined()
        #expect(sink.series.allSatisfy { Series.isValidName($0.name) && $0.unit.isKnown })
        #expect(sink.series.allSatisfy { $0[tag: "device"].map { Identifier($0) != nil } ?? true })

        let expected = folder.appendingPathComponent("expected.txt")
        if ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] != nil {
            try text.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(try text == String(contentsOf: expected, encoding: .utf8))
    }

    /// `[* ]topic payload`, where `*` marks a retained message. A topic may have blanks before a level's end; the payload begins at the first
    /// blank after which no `/` of the topic follows.
    static func message(_ line: Substring) -> MQTTMessage {
        let isRetained = line.hasPrefix("* ")
        let rest = isRetained ? line.dropFirst(2) : line
        // The last level of every topic here is one word.
        let payloadStart =
            rest.indices.first { index in
                rest[index] == " "
                    && !rest[index...].dropFirst().prefix { $0 != " " && $0 != "{" && $0 != "\"" }.contains("/")
            } ?? rest.endIndex
        return MQTTMessage(
            topic: String(rest[..<payloadStart]), payload: Array(rest[payloadStart...].dropFirst().utf8),
            isRetained: isRetained)
    }
}

import JSON
import Telemetry

/// One message of a vehicle.
struct VehicleReport {
    let message: MQTTMessage
    let device: String
    let name: SeriesPrefix
    let version: VehicleVersion
    let object: JSONObject

    /// More errors or actions than this in one message are not looked at.
    private static let mostItems = 256

    private var deviceAttribute: Event.Attribute { Event.Attribute("device", .text(device)) }

    // MARK: - Loss

    /// Compares the message's `headerId`, a `uint32` that counts up by one per topic, with the one before it.
    ///
    /// A smaller one is a vehicle that was started again; so is a jump that no loss explains.
    func countLoss(in vehicle: inout Vehicle, _ subtopic: String, _ pass: inout MQTTPass) {
        // One that the broker kept was counted by whoever listened then.
        guard !message.isRetained, let number = object["headerId"]?.int64, let header = UInt32(exactly: number) else {
            return
        }
        defer { vehicle.headers[subtopic] = header }
        guard let last = vehicle.headers[subtopic] else {
            report(vehicle.lost[subtopic] ?? 0, subtopic, &pass)
            return
        }
        let ahead = header &- last
        if ahead > 1, ahead <= 100_000 {
            let lost = Int(ahead) - 1
            vehicle.lost[subtopic, default: 0] += Int64(lost)
            pass.reject("message lost", count: lost)
        }
        report(vehicle.lost[subtopic] ?? 0, subtopic, &pass)
    }

    private func report(_ lost: Int64, _ subtopic: String, _ pass: inout MQTTPass) {
        add(.integer(lost), "headerId", "messages.lost", kind: .counter, tags: [Tag("topic", subtopic)], &pass)
    }

    // MARK: - Connection

    func takeConnection(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        guard let state = text("connectionState") else {
            pass.complain(message.topic, "there is no connectionState", "bad payload")
            return
        }
        // Version 2 writes CONNECTIONBROKEN, version 3 CONNECTION_BROKEN.
        let plain = state == "CONNECTIONBROKEN" ? "CONNECTION_BROKEN" : state
        add(.text(plain), "connectionState", "connection", &pass)
        if let before = vehicle.connection, before != plain {
            pass.event(
                name("connection"),
                [deviceAttribute, .init("state", .text(plain)), .init("before", .text(before))])
        }
        vehicle.connection = plain
    }

    // MARK: - State

    func takeState(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        addBattery(&pass)
        addMotion(&pass)
        addOrder(&vehicle, &pass)
        addSafety(&vehicle, &pass)
        if let mode = text("operatingMode") {
            add(.text(mode), "operatingMode", "mode", &pass)
            if let before = vehicle.mode, before != mode {
                pass.event(name("mode"), [deviceAttribute, .init("mode", .text(mode)), .init("before", .text(before))])
            }
            vehicle.mode = mode
        }
        compareErrors(&vehicle, &pass)
        compareActions(&vehicle, &pass)
    }

    private func addBattery(_ pass: inout MQTTPass) {
        let battery = object[version == .v2 ? "batteryState" : "powerSupply"]?.object
        guard let battery else { return }
        number(battery, version == .v2 ? "batteryCharge" : "stateOfCharge", "battery.charge", .percent, &pass)
        number(battery, "batteryVoltage", "battery.voltage", .volt, &pass)
        number(battery, "batteryCurrent", "battery.current", Unit("A") ?? .one, &pass)
        number(battery, "batteryHealth", "battery.health", .percent, &pass)
        number(battery, version == .v2 ? "reach" : "range", "battery.reach", Unit("m") ?? .one, &pass)
        flag(battery, "charging", "battery.charging", &pass)
    }

    private func addMotion(_ pass: inout MQTTPass) {
        let metre = Unit("m") ?? .one
        if let position = object[version == .v2 ? "agvPosition" : "mobileRobotPosition"]?.object {
            flag(position, version == .v2 ? "positionInitialized" : "localized", "position.known", &pass)
            number(position, "x", "position.x", metre, &pass)
            number(position, "y", "position.y", metre, &pass)
            number(position, "theta", "position.theta", Unit("rad") ?? .one, &pass)
            number(position, "localizationScore", "position.score", .one, &pass)
            number(position, "deviationRange", "position.deviation", metre, &pass)
            if let map = position["mapId"]?.string, (1...255).contains(map.utf8.count) {
                add(.text(map), "mapId", "position.map", &pass)
            }
        }
        if let velocity = object["velocity"]?.object {
            let speed = Unit("m/s") ?? .one
            number(velocity, "vx", "velocity.x", speed, &pass)
            number(velocity, "vy", "velocity.y", speed, &pass)
            number(velocity, "omega", "velocity.omega", Unit("rad/s") ?? .one, &pass)
        }
        number(object, "distanceSinceLastNode", "distance-since-last-node", metre, &pass)
        flag(object, "driving", "driving", &pass)
        flag(object, "paused", "paused", &pass)
        for (key, series) in [("loads", "loads"), ("nodeStates", "nodes.left"), ("edgeStates", "edges.left")] {
            if let items = object[key]?.array { add(.integer(Int64(items.count)), key, series, &pass) }
        }
    }

    private func addOrder(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        guard let order = object["orderId"]?.string, order.utf8.count <= 255 else { return }
        if let before = vehicle.order, before != order, !order.isEmpty {
            let update = object["orderUpdateId"]?.int64 ?? 0
            pass.event(
                name("order"), [deviceAttribute, .init("order", .text(order)), .init("update", .integer(update))])
        }
        vehicle.order = order
    }

    private func addSafety(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        guard let safety = object["safetyState"]?.object else { return }
        let key = version == .v2 ? "eStop" : "activeEmergencyStop"
        if let stop = safety[key]?.string, (1...255).contains(stop.utf8.count) {
            add(.boolean(stop != "NONE"), key, "estop", &pass)
            // One that stands at the first look is news too: somebody has to know.
            if stop != vehicle.emergencyStop ?? "NONE" {
                let event = stop == "NONE" ? "estop.cleared" : "estop.pressed"
                pass.event(name(event), [deviceAttribute, .init("acknowledge", .text(stop))])
            }
            vehicle.emergencyStop = stop
        }
        if let violation = safety["fieldViolation"]?.bool {
            add(.boolean(violation), "fieldViolation", "field-violation", &pass)
            if violation, vehicle.fieldViolation != true { pass.event(name("field-violation"), [deviceAttribute]) }
            vehicle.fieldViolation = violation
        }
    }

    // MARK: - Errors and actions

    private func compareErrors(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        guard let items = object["errors"]?.array else { return }
        var standing: Set<VehicleError> = []
        var levels: [String: Int64] = [:]
        for item in items.prefix(Self.mostItems) {
            guard let type = item["errorType"]?.string, let level = item["errorLevel"]?.string else { continue }
            let references = (item["errorReferences"]?.array ?? []).prefix(16).compactMap { reference in
                reference["referenceKey"]?.string.map { "\($0)=\(reference["referenceValue"]?.string ?? "")" }
            }
            let error = VehicleError(
                type: cut(type), level: cut(level), references: cut(references.joined(separator: ",")))
            guard standing.insert(error).inserted else { continue }
            levels[error.level, default: 0] += 1
            guard !vehicle.errors.contains(error) else { continue }
            var attributes = attributes(of: error)
            if let description = item["errorDescription"]?.string {
                attributes.append(.init("description", .text(cut(description))))
            }
            pass.event(name("error"), attributes)
        }
        for error in vehicle.errors.subtracting(standing).sorted(by: {
            ($0.type, $0.references) < ($1.type, $1.references)
        }) {
            pass.event(name("error.cleared"), attributes(of: error))
        }
        vehicle.errors = standing
        let known = version == .v2 ? ["WARNING", "FATAL"] : ["WARNING", "URGENT", "CRITICAL", "FATAL"]
        for level in known {
            add(
                .integer(levels[level] ?? 0), "errors.\(level)", "errors", tags: [Tag("level", level.lowercased())],
                &pass)
        }
    }

    private func attributes(of error: VehicleError) -> [Event.Attribute] {
        var attributes = [
            deviceAttribute, Event.Attribute("type", .text(error.type)), Event.Attribute("level", .text(error.level)),
        ]
        if !error.references.isEmpty { attributes.append(.init("references", .text(error.references))) }
        return attributes
    }

    /// Tells how actions go on; those that stand at the first look are old news.
    private func compareActions(_ vehicle: inout Vehicle, _ pass: inout MQTTPass) {
        var actions: [String: String] = [:]
        for key in ["actionStates", "instantActionStates", "zoneActionStates"] {
            for item in (object[key]?.array ?? []).prefix(Self.mostItems) {
                guard let id = item["actionId"]?.string, let status = item["actionStatus"]?.string,
                    id.utf8.count <= 255
                else { continue }
                actions[id] = cut(status)
                guard let before = vehicle.actions, before[id] != cut(status) else { continue }
                var attributes = [
                    deviceAttribute, Event.Attribute("id", .text(id)), Event.Attribute("status", .text(cut(status))),
                ]
                if let type = item["actionType"]?.string { attributes.append(.init("type", .text(cut(type)))) }
                let result = item[version == .v2 ? "resultDescription" : "actionResult"]?.string
                if let result, !result.isEmpty { attributes.append(.init("result", .text(cut(result)))) }
                pass.event(name("action"), attributes)
            }
        }
        vehicle.actions = actions
    }

    // MARK: - Values

    private func text(_ key: String) -> String? {
        guard let text = object[key]?.string, (1...255).contains(text.utf8.count) else { return nil }
        return text
    }

    private func cut(_ text: String) -> String {
        text.utf8.count <= 255 ? text : String(text.unicodeScalars.prefix(63).map(Character.init))
    }

    private func number(_ parent: JSONObject, _ key: String, _ series: String, _ unit: Unit, _ pass: inout MQTTPass) {
        guard let value = parent[key]?.double else { return }
        add(.double(value), key, series, unit: unit, &pass)
    }

    private func flag(_ parent: JSONObject, _ key: String, _ series: String, _ pass: inout MQTTPass) {
        guard let value = parent[key]?.bool else { return }
        add(.boolean(value), key, series, &pass)
    }

    private func add(
        _ value: Value, _ field: String, _ series: String, unit: Unit = .one, kind: Series.Kind? = nil,
        tags: [Tag] = [],
        _ pass: inout MQTTPass
    ) {
        pass.add(value, of: message.topic, field) {
            Series(name(series), tags: [Tag("device", device)] + tags, unit: unit, kind: kind ?? value.kind)
        }
    }
}

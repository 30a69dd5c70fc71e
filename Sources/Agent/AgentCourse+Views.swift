import Connection
import Frames
import Inputs
import Mosquitto
import Platform
import Telemetry

// MARK: - What others are shown

extension AgentCourse {
    mutating func publishViews(of batch: SampleBatch, _ priority: PriorityClass) {
        view.note(batch)
        guard link.isUp, priority != .bulk else {
            view.forgetFreshness()
            return
        }
        let client = self.client
        let topic = topics.senml
        func send(_ pack: [UInt8]) {
            _ = try? client.publish(pack, to: topic, .atMostOnce, contentType: "application/senml+json")
        }
        switch settings.publishing.senML {
        case .every:
            view.packs(of: batch, publish: send)
            view.forgetFreshness()
        case .latest: view.latestPacks(publish: send)
        case .off: view.forgetFreshness()
        }
    }

    mutating func publishStates() {
        let client = self.client
        let prefix = topics.statePrefix
        view.forget(intake.heldBack)
        view.states { device, document in
            _ = try? client.publish(
                document, to: prefix + device, .atMostOnce, retain: true, contentType: "application/json")
        }
    }

    mutating func publishMeta() {
        isMetaStale = !publish(
            view.meta(
                spool.identity, labels: settings.identity.labels, clock: clock.reading,
                certificateExpires: credentials.dates?.expires),
            to: topics.meta, retain: true)
    }

    /// Views are published at most once a call; one that the connection does not take is made again later or dropped.
    @discardableResult
    mutating func publish(_ payload: [UInt8], to topic: String, retain: Bool) -> Bool {
        do throws(MosquittoError) {
            return try client.publish(payload, to: topic, .atLeastOnce(link.nextToken()), retain: retain)
        } catch {
            return false
        }
    }
}

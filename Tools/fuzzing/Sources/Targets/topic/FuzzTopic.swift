import Delivery
import FuzzSupport
import Telemetry

/// A root from a configuration up to the first line feed, or the standard one, and a topic from the broker: an address
/// is taken apart only from the very topic that it would be put together as.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzTopic(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 64) { bytes in
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        var topics = Topics.standard
        if parts.count == 2 {
            guard let own = Topics(root: String(decoding: parts[0], as: UTF8.self)) else { return }
            topics = own
        }
        let topic = String(decoding: parts[parts.count - 1], as: UTF8.self)
        let written: String
        switch topics.address(of: topic) {
        case .agent(let site, let agent, let channel):
            written = topics.topic(site: site, agent: agent, channel)
            _ = topics.agentFilters(site: site, agent: agent)
        case .run(let site): written = topics.run(site: site)
        case nil: return
        }
        demand(
            written.utf8.elementsEqual(topic.utf8), "the address of \(topic.debugDescription) is put together as it was"
        )
    }
}

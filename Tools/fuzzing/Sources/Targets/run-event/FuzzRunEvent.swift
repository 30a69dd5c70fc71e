import Delivery
import FuzzSupport
import Telemetry

/// A run marker as anybody publishes it to `<site>/run`: what is read can be written, as JSON and as an event.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzRunEvent(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        guard let marker = try? RunEvent(json: bytes) else { return }
        let again = demanded("a run marker can be read back") { () throws(DeliveryError) in
            try RunEvent(json: marker.json)
        }
        demand(again == marker, "a run marker is the same after writing and reading")
        demand(RunEvent(marker.event) == marker, "a run marker is the same after being an event")
    }
}

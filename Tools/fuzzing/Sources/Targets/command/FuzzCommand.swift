import Delivery
import FuzzSupport

/// A command as an agent reads it from `down/command`: what it reads it also writes.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzCommand(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        guard let command = try? Command(json: bytes) else { return }
        let again = demanded("a command can be read back") { () throws(DeliveryError) in
            try Command(json: command.json)
        }
        demand(again == command, "a command is the same after writing and reading")
    }
}

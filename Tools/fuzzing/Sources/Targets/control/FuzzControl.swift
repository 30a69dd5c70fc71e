import Agent
import FuzzSupport
import Telemetry

/// A request as any program on the box sends it to the control socket: what is read can be written.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzControl(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 1 << 20, factor: 256) { bytes in
        guard let request = try? ControlRequest(line: bytes) else { return }
        let again = demanded("a request can be read back") { () throws(AgentError) in
            try ControlRequest(line: request.line)
        }
        // JSON knows one kind of number: 1e3 comes back as the integer 1000. After one trip nothing changes any more.
        demand(again.line == request.line, "a request is the same after writing and reading")
        guard case .mark(let name, let attributes) = request else { return }
        _ = ControlRequest.complaint(Event(name, at: Timestamp(nanoseconds: 0), attributes: attributes))
    }
}

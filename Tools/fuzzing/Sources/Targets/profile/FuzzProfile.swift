import Configuration
import FuzzSupport
import Inputs
import Telemetry

/// A profile of a Modbus device, a zero byte, and what its registers hold. One that is taken asks for all its values and for no more than the
/// device gives at once, and no value is infinite.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzProfile(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 64 << 20, factor: 2048) { bytes in
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        let profile: FuzzedProfile
        do throws(ConfigurationError) {
            profile = try FuzzedProfile(ConfigurationFile(name: "fuzzed.yaml", bytes: Array(bytes[..<end])))
        } catch {
            demand(
                !error.diagnostics.isEmpty && error.diagnostics.allSatisfy { !$0.message.isEmpty },
                "an error says what is wrong")
            return
        }
        demand(profile.count > 0, "a profile reads something")
        let rest = Array(bytes[end...].dropFirst())
        let words = stride(from: 0, to: rest.count - 1, by: 2).map { UInt16(rest[$0]) << 8 | UInt16(rest[$0 + 1]) }
        let complaint = profile.read(words) { value in
            if case .double(let number) = value { demand(!number.isInfinite, "no value is infinite") }
        }
        demand(complaint == nil, complaint ?? "")
    }
}

import Agent
import Arguments
import Certificates
import Configuration
import Connection
import Health
import Inputs
import Mosquitto
import Platform

/// Exit statuses of sysexits.h, as the manual of this program promises them; thrown once the reason was told.
struct ExitStatus: Error {
    let code: Int32

    static let failure = ExitStatus(code: 1)
    static let usage = ExitStatus(code: 64)
    static let badData = ExitStatus(code: 65)
    static let unavailable = ExitStatus(code: 69)
    static let cannotCreate = ExitStatus(code: 73)
    static let inputOutput = ExitStatus(code: 74)
    static let configuration = ExitStatus(code: 78)
}

/// Says on standard error what went wrong, and gives the exit status for it.
func failure(_ error: any Error) -> ExitStatus {
    if let status = error as? ExitStatus { return status }
    complain("\(error)")
    switch error {
    case is UsageError: return ExitStatus.usage
    case is ConfigurationError, is ConnectionError: return ExitStatus.configuration
    case let error as AgentError:
        switch error.code {
        case .spool, .full, .consent: return ExitStatus.inputOutput
        case .control: return ExitStatus.cannotCreate
        case .broker, .unavailable: return ExitStatus.unavailable
        case .input, .pipeline, .newerFormat: return ExitStatus.configuration
        case .refused: return ExitStatus.badData
        }
    case let error as CertificateError:
        return error.code == .cannotCreate ? ExitStatus.cannotCreate : ExitStatus.badData
    case is HealthError: return ExitStatus.cannotCreate
    case let error as InputError:
        return error.code == .settings ? ExitStatus.configuration : ExitStatus.unavailable
    case let error as MosquittoError:
        return [.invalidOption, .invalidTopic, .tls].contains(error.code)
            ? ExitStatus.configuration : ExitStatus.unavailable
    default: return ExitStatus.failure
    }
}

/// One message to standard error.
func complain(_ message: String) { LineLogHandler().complain(message) }

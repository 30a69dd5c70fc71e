import Aggregation
import ArgumentParser
import Certificates
import Collector
import Configuration
import Connection
import Frames
import Health
import Mosquitto
import Platform
import Scenarios
import Signing
import Storage

/// Exit statuses of sysexits.h, as the manual of this program promises them.
enum ExitStatus {
    static let negative = ExitCode(1)
    static let usage = ExitCode(64)
    static let badData = ExitCode(65)
    static let unavailable = ExitCode(69)
    static let cannotCreate = ExitCode(73)
    static let inputOutput = ExitCode(74)
    static let configuration = ExitCode(78)
}

/// Says on standard error what went wrong, and gives the exit status for it.
func failure(_ error: any Error) -> ExitCode {
    if let code = error as? ExitCode { return code }
    complain("\(error)")
    switch error {
    case is ConfigurationError, is ScenarioError, is ConnectionError: return ExitStatus.configuration
    case let error as CollectorError:
        switch error.code {
        case .archive: return ExitStatus.inputOutput
        case .scenario, .newerFormat: return ExitStatus.configuration
        case .notReady, .unavailable: return ExitStatus.unavailable
        case .refused: return ExitStatus.badData
        }
    case let error as StoreError:
        switch error.code {
        case .busy: return ExitStatus.unavailable
        case .newerVersion: return ExitStatus.configuration
        case .unusable, .full, .failed: return ExitStatus.inputOutput
        }
    case let error as SigningError:
        switch error.code {
        case .unreadable, .exposed, .unusable: return ExitStatus.configuration
        case .cannotCreate: return ExitStatus.cannotCreate
        case .invalidSignature: return ExitStatus.badData
        case .failed: return ExitCode.failure
        }
    case let error as CertificateError:
        switch error.code {
        case .cannotCreate: return ExitStatus.cannotCreate
        case .failed: return ExitCode.failure
        case .unreadable, .exposed, .mismatched, .outdated: return ExitStatus.badData
        }
    case is HealthError: return ExitStatus.cannotCreate
    case is FrameError, is AggregationError: return ExitStatus.badData
    case let error as MosquittoError:
        return [.invalidOption, .invalidTopic, .tls].contains(error.code)
            ? ExitStatus.configuration : ExitStatus.unavailable
    default: return ExitCode.failure
    }
}

/// One message to standard error.
func complain(_ message: String) { LineLogHandler().complain(message) }

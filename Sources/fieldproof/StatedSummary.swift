import Aggregation
import Collector
import Configuration
import Frames
import JSON
import Reports
import Signing

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A summary that someone handed over, in any of the forms that a program can read back.
struct StatedSummary {
    let summary: Summary
    /// Around it, where it is signed.
    let envelope: Envelope?
    /// Whether what is signed is the statement about this summary, subjects and all.
    let isWhole: Bool
    /// Files of a package that are not what the summary gives; nil where there is no package.
    let wrongFiles: [String]?

    init(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CollectorError(.unavailable, "cannot be read: \(String(cString: strerror(errno)))", path: path)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            summary = try Summary(json: try json(in: "\(path)/summary.json"))
            envelope = nil
            wrongFiles = try Self.wrongFiles(in: path, summary)
            isWhole = true
            return
        }
        wrongFiles = nil
        let document = try json(in: path)
        if document["payloadType"] != nil {
            let signed = try Envelope(json: document)
            guard signed.payloadType == SummaryStatement.mediaType,
                let predicate = try JSONParser.parse(signed.payload, limits: .init(bytes: 1 << 28))["predicate"]
            else {
                throw CollectorError(.refused, "this envelope holds no in-toto statement about a summary", path: path)
            }
            summary = try Summary(json: predicate)
            envelope = signed
            isWhole = SummaryStatement.bytes(of: summary) == signed.payload
        } else {
            summary = try Summary(json: document)
            envelope = nil
            isWhole = true
        }
    }

    /// Every file is made again from the summary, and must be the same.
    private static func wrongFiles(in directory: String, _ summary: Summary) throws -> [String] {
        var wrong: [String] = []
        for file in DataPackage(summary).files {
            let path = "\(directory)/\(file.name)"
            if access(path, F_OK) != 0 {
                wrong.append("\(file.name) is missing")
            } else if try readBytes(path) != file.bytes {
                wrong.append("\(file.name) is not what the summary gives")
            }
        }
        return wrong
    }
}

private func json(in path: String) throws -> JSONValue {
    let bytes = try readBytes(path)
    do throws(JSONError) {
        return try JSONParser.parse(bytes, limits: .init(bytes: 1 << 28))
    } catch {
        throw CollectorError(.refused, "this is no JSON: \(error)", path: path)
    }
}

func readText(_ path: String) throws -> String { String(decoding: try readBytes(path), as: UTF8.self) }

/// A whole file of reasonable size.
func readBytes(_ path: String) throws(CollectorError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
        throw CollectorError(.unavailable, "cannot be read: \(String(cString: strerror(errno)))", path: path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw CollectorError(.refused, "is no file", path: path)
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &block, block.count)
        guard count >= 0 else {
            throw CollectorError(.unavailable, "cannot be read: \(String(cString: strerror(errno)))", path: path)
        }
        if count == 0 { return bytes }
        bytes += block.prefix(count)
        guard bytes.count <= 1 << 28 else { throw CollectorError(.refused, "is too large for a summary", path: path) }
    }
}

/// A directory for what is needed only now.
struct ScratchDirectory {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/fieldproof-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CollectorError(
                .unavailable, "no temporary directory can be made: \(String(cString: strerror(errno)))", path: parent)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() {
        guard let listing = opendir(path) else { return }
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(listing)
        rmdir(path)
    }
}

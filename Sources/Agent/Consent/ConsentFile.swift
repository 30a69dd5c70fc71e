import Checksums
package import SegmentLog
package import Telemetry

/// Whose consent stands, on disk, so that it outlives a restart and a power cut.
///
/// Kept in `<spool>/consent`: a line `FPCONSN1`, a line `NANOSECONDS SUBJECT` for each consent that stands, since when, sorted by subject, and a line
/// of eight hexadecimal digits, the CRC32C of all before it. The file is replaced whole, by rename. A grant is in it before it has effect. Whatever
/// goes wrong with it means no consent: a file that is not there or damaged holds none, and one that cannot be written is removed.
package struct ConsentFile<Files: FileSystem>: Sendable {
    private let path: String
    private let files: Files

    /// `directory`: that of the spool.
    package init(in directory: String, files: Files) {
        path = directory + "/consent"
        self.files = files
    }

    private static var magic: String { "FPCONSN1" }

    /// The number of the form that the first line of an intact file names, where that is a later one: the last line is the checksum in every form.
    private static func laterForm(_ bytes: [UInt8]) -> Character? {
        guard let text = String(validating: bytes, as: UTF8.self), text.hasPrefix(magic.dropLast()),
            let form = text.dropFirst(magic.count - 1).first, ("2"..."9").contains(form),
            text.hasSuffix(checksum(String(text.dropLast(9))))
        else { return nil }
        return form
    }

    /// What the file holds.
    ///
    /// - Throws: `AgentError` when it cannot be read or is damaged: nobody's consent is known then; of code `newerFormat` when a later version
    ///   of the agent wrote it.
    package func read() throws(AgentError) -> [(subject: String, since: Timestamp)] {
        let bytes: [UInt8]?
        do throws(LogError) {
            bytes = try files.readFile(path)
        } catch {
            throw AgentError(.consent, error.message, path: path)
        }
        guard let bytes else { return [] }
        if let form = Self.laterForm(bytes) {
            throw AgentError(
                .newerFormat,
                "has form \(form), and 1 is known: a newer version of the agent wrote it; install that version or a later one, or "
                    + "remove this file and have consent granted again; nothing was changed", path: path)
        }
        guard let granted = Self.granted(bytes) else {
            throw AgentError(.consent, "is damaged, so nobody's consent is known; have it granted again", path: path)
        }
        return granted
    }

    /// Puts `granted` in its place, durably.
    ///
    /// - Throws: `AgentError` when that is impossible; the file then holds what it held.
    package func write(_ granted: [(subject: String, since: Timestamp)]) throws(AgentError) {
        do throws(LogError) {
            try files.replaceFile(path, with: Self.bytes(granted))
        } catch {
            throw AgentError(.consent, "cannot be written: \(error.message)", path: path)
        }
    }

    /// Makes sure that no consent but those of `granted` outlives this moment: where they cannot be written, none does.
    ///
    /// - Throws: `AgentError` when not even the file can be removed: consent that was withdrawn may then stand again after a restart.
    /// - Returns: whether they are all on disk.
    package func restrict(to granted: [(subject: String, since: Timestamp)]) throws(AgentError) -> Bool {
        do throws(AgentError) {
            try write(granted)
            return true
        } catch {
            do throws(LogError) {
                try files.remove(path)
            } catch {
                guard error.code == .notFound else {
                    throw AgentError(
                        .consent, "a withdrawal cannot be put on disk: \(error.message); remove this file", path: path)
                }
            }
            do throws(LogError) {
                try files.synchronizeDirectory(String(path.dropLast("/consent".count)))
            } catch {
                throw AgentError(
                    .consent, "a withdrawal cannot be put on disk: \(error.message); remove this file", path: path)
            }
            return false
        }
    }

    static func bytes(_ granted: [(subject: String, since: Timestamp)]) -> [UInt8] {
        var text = "\(magic)\n"
        for (subject, since) in granted { text += "\(since.nanoseconds) \(subject)\n" }
        return Array((text + checksum(text)).utf8)
    }

    static func granted(_ bytes: [UInt8]) -> [(subject: String, since: Timestamp)]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines.popLast() == "", let sum = lines.popLast(), lines.first == magic[...],
            checksum(lines.map { $0 + "\n" }.joined()) == sum + "\n"
        else { return nil }
        var granted: [(subject: String, since: Timestamp)] = []
        for line in lines.dropFirst() {
            guard let end = line.firstIndex(of: " "), let since = Int64(line[..<end]) else { return nil }
            let subject = String(line[line.index(after: end)...])
            guard ConsentGiver.isValidSubject(subject) else { return nil }
            granted.append((subject, Timestamp(nanoseconds: since)))
        }
        return granted
    }

    private static func checksum(_ text: String) -> String {
        let digits = String(CRC32C.checksum(of: Array(text.utf8).span.bytes), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits + "\n"
    }
}

extension ConsentFile<POSIXFileSystem> {
    /// That of the box whose settings these are.
    package init(_ settings: AgentSettings) { self.init(in: settings.spool.path, files: POSIXFileSystem()) }
}

import Frames
import Installation
import SegmentLog

/// How an archive that a later version wrote is known; see the page `Versions` of the module `Installation`.
extension Archive {
    /// Refuses an archive that a later version of the program wrote, by its identity and the headers of its files; changes nothing.
    ///
    /// To be asked before a store is opened, which may be made by that.
    ///
    /// - Throws: `CollectorError`.
    package static func requireKnownFormat(in directory: String, files: Files) throws(CollectorError) {
        do throws(LogError) {
            try LogFormat.require(in: directory, files)
        } catch {
            throw CollectorError(error)
        }
        do throws(InstallationError) {
            _ = try InstallationIdentity.read(in: directory, files: files)
        } catch {
            throw CollectorError(error)
        }
    }

    /// Refuses an archive in which a frame or a note, of those that the store lacks, is of a later version. What the store knows was read before, by
    /// a program that knew it: whoever writes such records into an archive says so in its identity.
    ///
    /// `progress`: called now and then, and is told of nothing read: what waits for the start hears that it lives.
    static func requireKnownRecords(
        _ log: inout SegmentedLog<Files>, after known: (events: UInt64, frames: UInt64),
        progress: (ArchiveReading) -> Void
    ) throws(CollectorError) {
        var payload: [UInt8] = []
        var count = 0
        for (lane, position) in [(eventLane, known.events), (frameLane, known.frames)] {
            var reader = log.reader(of: lane, after: Position(position))
            while case let step = try next(of: &log, &reader, into: &payload), step != .end {
                count += 1
                if count % 1000 == 0 { progress(ArchiveReading(frames: 0, share: 0)) }
                guard case .record(let entry) = step, isOfLaterVersion(payload) else { continue }
                throw newerRecord(at: entry.position)
            }
        }
    }

    private static func next(
        of log: inout SegmentedLog<Files>, _ reader: inout LogReader, into payload: inout [UInt8]
    ) throws(CollectorError) -> ReadStep {
        do throws(LogError) {
            return try log.next(&reader, into: &payload)
        } catch {
            throw CollectorError(error)
        }
    }

    /// Cheap: the checksum of the log's record holds.
    private static func isOfLaterVersion(_ record: [UInt8]) -> Bool {
        if ArchiveNote.isOfLaterForm(record) { return true }
        do throws(FrameError) {
            _ = try FrameHeader.peek(record, verifyingChecksum: false)
            return false
        } catch {
            return error.code == .unsupportedVersion
        }
    }

    /// What a frame or a note of a later version at `position` means.
    static func newerRecord(at position: Position) -> CollectorError {
        CollectorError(
            .newerFormat,
            "record \(position.number) of the archive has a later format: a newer version of this program wrote it; install that version or a "
                + "later one, or use another archive; nothing was changed")
    }
}

extension CollectorError {
    init(_ error: InstallationError) {
        self.init(error.isNewer ? .newerFormat : .archive, error.message, path: error.path)
    }
}

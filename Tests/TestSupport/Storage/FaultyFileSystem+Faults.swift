import Foundation
import SegmentLog
import Synchronization

extension FaultyFileSystem {
    /// Lets the operation with this number, counted from the beginning or the last reboot, go wrong.
    package func plan(_ fault: Fault, at operation: Int) {
        state.withLock { $0.faults[operation] = fault }
    }

    /// Lets the operation go wrong that follows after `count` more.
    package func plan(_ fault: Fault, afterMore count: Int) {
        state.withLock { $0.faults[$0.history.count + count] = fault }
    }

    /// Lets every operation of this kind fail with EIO until told otherwise.
    package func setFailing(_ operation: Operation, _ isFailing: Bool) {
        state.withLock { state in
            if isFailing { state.failing.insert(operation) } else { state.failing.remove(operation) }
        }
    }

    /// What was done since the beginning or the last reboot.
    package var history: [Operation] { state.withLock { $0.history } }

    /// Whether a planned crash has come.
    package var isCrashed: Bool { state.withLock { $0.isCrashed } }

    /// How many planned crashes have come.
    package var crashCount: Int { state.withLock { $0.crashCount } }

    /// The disk as it is; ``SimulatedDisk/afterCrash(_:)`` tells what a power cut would leave.
    package var disk: SimulatedDisk { state.withLock { $0.disk } }

    /// Cuts the power, if that has not happened yet, and starts again with what survives. Open files are gone.
    package func reboot(_ survival: SimulatedDisk.Survival) {
        endProcess()
        state.withLock { $0.disk = $0.disk.afterCrash(survival) }
    }

    /// Ends the process that holds files open, and lets another one start: what the kernel has not written yet stays in its cache.
    package func endProcess() {
        state.withLock { state in
            state.files = [:]
            state.locks = [:]
            state.isCrashed = false
            state.faults = [:]
            state.failing = []
            state.history = []
        }
    }

    /// All file names, sorted.
    package var paths: [String] { state.withLock { $0.disk.names.keys.sorted() } }

    /// Bytes of all files.
    package var totalBytes: Int {
        state.withLock { state in
            state.disk.names.values.reduce(0) { $0 + (state.disk.inodes[$1]?.current.count ?? 0) }
        }
    }

    /// A file's bytes as a reader sees them.
    package func contents(_ path: String) -> [UInt8]? {
        state.withLock { state in state.disk.names[path].flatMap { state.disk.inodes[$0]?.current } }
    }

    /// Puts a file's bytes on the medium behind everyone's back; nil removes the file.
    package func setContents(_ path: String, _ bytes: [UInt8]?) {
        state.withLock { state in
            guard let bytes else {
                state.disk.names[path] = nil
                state.disk.durableNames[path] = nil
                return
            }
            let inode = state.disk.names[path] ?? state.disk.create(path)
            state.disk.inodes[inode] = .init(current: bytes, durable: bytes)
            state.disk.durableNames[path] = inode
        }
    }

    /// Whether a power cut now would leave these bytes in some file, at a multiple of eight: where records stand.
    package func isDurable(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            state.disk.inodes.values.contains { inode in
                inode.durable.withUnsafeBytes { file in
                    bytes.withUnsafeBytes { wanted in
                        guard let base = file.baseAddress, let start = wanted.baseAddress, file.count >= wanted.count
                        else { return wanted.isEmpty }
                        return stride(from: 0, through: file.count - wanted.count, by: 8).contains {
                            memcmp(base + $0, start, wanted.count) == 0
                        }
                    }
                }
            }
        }
    }

    /// Flips one bit, counted modulo the file's, both on the medium and for readers.
    package func flipBit(_ bit: Int, of path: String) {
        guard var bytes = contents(path), !bytes.isEmpty else { return }
        let bit = bit % (bytes.count * 8)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        state.withLock { state in
            guard let inode = state.disk.names[path] else { return }
            state.disk.inodes[inode]?.current = bytes
            if bit / 8 < state.disk.inodes[inode]?.durable.count ?? 0 {
                state.disk.inodes[inode]?.durable[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }

    /// Puts another disk into the machine, which is off meanwhile.
    package func replaceDisk(_ disk: SimulatedDisk) {
        reboot(.everything)
        state.withLock { $0.disk = disk }
    }

    // MARK: Carrying out

    func perform<Result: Sendable>(
        _ operation: Operation, _ path: String,
        _ body: (inout State, _ isShort: Bool) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        try enter(operation, path, crashing: { _ in }, failing: { _ in }, body)
    }

    func perform<Result: Sendable>(
        _ operation: Operation, _ file: OpenFile, crashing: (inout State, Int) -> Void = { _, _ in },
        failing: (inout State, Int) -> Void = { _, _ in },
        _ body: (inout State, Int, _ isShort: Bool) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        guard let inode = state.withLock({ $0.files[file.descriptor]?.inode }) else {
            throw LogError(.io, "the file is not open", path: file.path, errno: 9)
        }
        return try enter(
            operation, file.path, crashing: { crashing(&$0, inode) }, failing: { failing(&$0, inode) },
            { state, isShort throws(LogError) in try body(&state, inode, isShort) })
    }

    private func enter<Result: Sendable>(
        _ operation: Operation, _ path: String, crashing: (inout State) -> Void, failing: (inout State) -> Void,
        _ body: (inout State, Bool) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        try state.withLock { state throws(LogError) in
            guard !state.isCrashed else { throw LogError(.io, "the machine is off", path: path) }
            let number = state.history.count
            state.history.append(operation)
            switch state.faults[number] {
            case .crash:
                crashing(&state)
                state.isCrashed = true
                state.crashCount += 1
                throw LogError(.io, "the power went", path: path)
            case .error(let code):
                failing(&state)
                throw LogError(code == 28 ? .outOfSpace : .io, "planned error", path: path, errno: code)
            case .short: return try body(&state, true)
            case nil: break
            }
            if state.failing.contains(operation) {
                failing(&state)
                throw LogError(.io, "planned error", path: path, errno: 5)
            }
            return try body(&state, false)
        }
    }
}

/// What a disk and the page cache above it hold: plain data, so that one moment can be tried with many crashes.
package struct SimulatedDisk: Sendable {
    struct Write: Sendable {
        let offset: Int
        let bytes: [UInt8]
    }

    struct Inode: Sendable {
        /// What every reader sees now.
        var current: [UInt8] = []
        /// What is on the medium for certain.
        var durable: [UInt8] = []
        /// Written since the last successful synchronization, in order.
        var pending: [Write] = []
    }

    enum NameChange: Sendable {
        case create(String, Int)
        case rename(String, String)
        case remove(String)

        func apply(to names: inout [String: Int]) {
            switch self {
            case .create(let path, let inode): names[path] = inode
            case .rename(let from, let to): names[to] = names.removeValue(forKey: from)
            case .remove(let path): names[path] = nil
            }
        }
    }

    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var nameChanges: [NameChange] = []
    private var nextInode = 1

    /// An empty disk.
    package init() {}

    /// What is left of unsynchronized work after the power went.
    package enum Survival: Hashable, Sendable {
        case nothing
        case everything
        /// Each sector of each write for itself: lost, kept, or kept up to some byte, as the seed has it; of the
        /// changes to names a beginning, as a journal gives.
        case seeded(UInt64)
    }

    /// Sectors are written one by one, and in any order.
    static let sectorSize = 512

    mutating func change(_ change: NameChange) {
        change.apply(to: &names)
        nameChanges.append(change)
    }

    mutating func create(_ path: String) -> Int {
        let inode = nextInode
        nextInode += 1
        inodes[inode] = Inode()
        change(.create(path, inode))
        return inode
    }

    mutating func write(_ inode: Int, _ offset: Int, _ bytes: [UInt8]) {
        let write = Write(offset: offset, bytes: bytes)
        Self.apply(write.offset, write.bytes[...], to: &inodes[inode, default: Inode()].current)
        inodes[inode, default: Inode()].pending.append(write)
    }

    mutating func synchronize(_ inode: Int) {
        guard let pending = inodes[inode]?.pending else { return }
        for write in pending {
            Self.apply(write.offset, write.bytes[...], to: &inodes[inode, default: Inode()].durable)
        }
        inodes[inode]?.pending = []
    }

    /// As Linux does it: some of it may have reached the medium, all of it counts as clean from now on, and readers
    /// go on seeing it until the cache is dropped.
    mutating func failSynchronization(_ inode: Int, using generator: inout SeededGenerator) {
        guard let pending = inodes[inode]?.pending else { return }
        for write in pending { keepSome(of: write, inode, using: &generator) }
        inodes[inode]?.pending = []
    }

    mutating func synchronizeNames() {
        durableNames = names
        nameChanges = []
    }

    /// The disk after a power cut.
    package func afterCrash(_ survival: Survival) -> SimulatedDisk {
        var disk = self
        var generator = SeededGenerator(seed: 0)
        var keptChanges = 0
        switch survival {
        case .nothing: break
        case .everything:
            keptChanges = nameChanges.count
            for inode in disk.inodes.keys { disk.synchronize(inode) }
        case .seeded(let seed):
            generator = SeededGenerator(seed: seed)
            keptChanges = Int.random(in: 0...nameChanges.count, using: &generator)
            for inode in inodes.keys.sorted() {
                for write in inodes[inode]?.pending ?? [] { disk.keepSome(of: write, inode, using: &generator) }
            }
        }
        for change in nameChanges.prefix(keptChanges) { change.apply(to: &disk.durableNames) }
        disk.names = disk.durableNames
        disk.nameChanges = []
        for inode in disk.inodes.keys {
            let durable = disk.inodes[inode]?.durable ?? []
            disk.inodes[inode] = Inode(current: durable, durable: durable)
        }
        return disk
    }

    private mutating func keepSome(of write: Write, _ inode: Int, using generator: inout SeededGenerator) {
        var start = 0
        while start < write.bytes.count {
            let sectorEnd = (write.offset + start) / Self.sectorSize * Self.sectorSize + Self.sectorSize
            let end = min(write.bytes.count, sectorEnd - write.offset)
            let kept =
                switch Int.random(in: 0..<8, using: &generator) {
                case 0..<3: 0
                case 3..<7: end - start
                default: Int.random(in: 0...end - start, using: &generator)
                }
            Self.apply(
                write.offset + start, write.bytes[start..<start + kept], to: &inodes[inode, default: Inode()].durable)
            start = end
        }
    }

    private static func apply(_ offset: Int, _ bytes: ArraySlice<UInt8>, to file: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        copy(bytes, to: &file, at: offset)
    }

    /// Overwrites bytes in one go: the generic way takes most of a test's time in an unoptimized build.
    static func copy(_ bytes: ArraySlice<UInt8>, to target: inout [UInt8], at offset: Int) {
        target.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: $0) }
        }
    }
}

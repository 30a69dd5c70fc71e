import Foundation
import Testing

@testable import SegmentLog

@Suite("Reading beside the writer")
struct SegmentPeekTests {
    private static let lanes = [Lane(0), Lane(1)]

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "peek-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    private func open(_ path: String) throws -> SegmentedLog<POSIXFileSystem> {
        try SegmentedLog(
            directory: path,
            options: LogOptions(laneCount: 2, segmentSize: 64 << 10, capacity: .growing, scan: .unsealed),
            files: POSIXFileSystem())
    }

    private func payload(_ number: Int) -> [UInt8] {
        Array(repeating: UInt8(truncatingIfNeeded: number), count: 1 + number * 37 % 3000)
    }

    @Test(
        "every durable record is read at its place while the log is open and grows, also in further sections of a segment"
    )
    func beside() throws {
        try withDirectory { path in
            var peek = SegmentPeek(directory: path, files: POSIXFileSystem())
            var places: [(location: Location, number: Int)] = []
            for start in 0..<4 {
                var log = try open(path)
                for number in start * 100..<start * 100 + 100 {
                    let bytes = payload(number)
                    let entry = try log.append(bytes.span.bytes, to: Self.lanes[number % 2])
                    places.append((entry.location, number))
                    if number % 10 == 9 {
                        #expect(try log.synchronize().relocations.isEmpty)
                        for place in places.suffix(10) {
                            #expect(try peek.read(at: place.location) == payload(place.number), "\(place)")
                        }
                    }
                }
                // Dropped without being closed: the next one begins a new section.
            }
            #expect(Set(places.map(\.location.segment)).count > 6)
            for place in places.reversed() { #expect(try peek.read(at: place.location) == payload(place.number)) }
        }
    }

    @Test("the log itself reads by place in any order, of both lanes, also what is not durable yet")
    func byPlace() throws {
        try withDirectory { path in
            var log = try open(path)
            var places: [(location: Location, number: Int)] = []
            for number in 0..<200 {
                let bytes = payload(number)
                places.append((try log.append(bytes.span.bytes, to: Self.lanes[number % 2]).location, number))
                if number == 150 { _ = try log.synchronize() }
            }
            var read: [UInt8] = []
            for place in places + places.reversed() + places.shuffled() {
                _ = try log.read(at: place.location, into: &read)
                #expect(read == payload(place.number), "\(place)")
            }
            var peek = log.peek
            for place in places[..<150] { #expect(try peek.read(at: place.location) == payload(place.number)) }
            try log.close()
        }
    }

    @Test("what is not there, is gone or is damaged is told apart")
    func failures() throws {
        try withDirectory { path in
            var log = try open(path)
            let bytes = payload(50)
            let place = try log.append(bytes.span.bytes, to: Self.lanes[0]).location
            _ = try log.synchronize()
            var peek = SegmentPeek(directory: path, files: POSIXFileSystem())
            #expect(try peek.read(at: place) == bytes)
            func code(_ location: Location) -> LogError.Code? {
                do throws(LogError) {
                    _ = try peek.read(at: location)
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(code(Location(segment: place.segment, offset: place.offset + 8)) == .corrupt)
            #expect(code(Location(segment: place.segment, offset: .max)) == .corrupt)
            #expect(code(Location(segment: 4711, offset: place.offset)) == .notFound)
            let file = URL(filePath: LogDirectory(path: path).segment(place.segment))
            var damaged = try Data(contentsOf: file)
            damaged[Int(place.offset) + RecordHeader.size] ^= 1
            try damaged.write(to: file)
            peek = SegmentPeek(directory: path, files: POSIXFileSystem())
            #expect(code(place) == .corrupt)
            try FileManager.default.removeItem(at: file)
            peek = SegmentPeek(directory: path, files: POSIXFileSystem())
            #expect(code(place) == .notFound)
        }
    }
}

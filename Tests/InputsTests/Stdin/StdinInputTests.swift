import Foundation
import Testing

@testable import Inputs

@Suite("Input stdin")
struct StdinInputTests {
    @Test("records are taken to the end, the last one too; then the input waits and reads no more")
    func end() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try StdinInput(StdinSettings(try FormatBench.settings("key-value")), environment: .test(log: log))
        let running = try RunningInput { stop throws(InputError) in
            try input.run(into: sink, until: stop, descriptor: descriptor)
        }
        try pipe.fileHandleForWriting.write(contentsOf: Data("a=1\r\n\na=2\na=3".utf8))
        #expect(await eventually { sink.samples.count == 2 })
        try pipe.fileHandleForWriting.close()
        #expect(await eventually { sink.samples.count == 3 })
        #expect(await eventually { log.text.contains("info: the standard input has ended") })
        #expect(running.isRunning)
        #expect(await running.stop() == nil)
        #expect(sink.rejected.isEmpty)
    }

    @Test("what was sent before the end of the agent is taken")
    func stop() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        let sink = RecordingSink()
        let input = try StdinInput(StdinSettings(try FormatBench.settings("key-value")), environment: .test())
        try pipe.fileHandleForWriting.write(contentsOf: Data("a=1\na=2\na=".utf8))
        let stop = try #require(Waker())
        stop.wake()
        try input.run(into: sink, until: stop, descriptor: descriptor)
        #expect(sink.samples.count == 2)
        #expect(sink.rejected == ["record cut off": 1])
    }
}

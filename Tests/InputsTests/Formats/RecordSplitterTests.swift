import Testing

@testable import Inputs

@Suite("Cutting a stream into records")
struct RecordSplitterTests {
    private func records(
        _ chunks: [String], _ terminator: RecordSplitter.Terminator = .byte(10), longest: Int = 8, finish: Bool = true
    ) -> (records: [String], tooLong: Int) {
        var splitter = RecordSplitter(terminator, longest: longest)
        var found: [String] = []
        for chunk in chunks {
            Array(chunk.utf8).withUnsafeBytes { splitter.take($0) { found.append($0.text) } }
            #expect(splitter.pendingCount <= longest)
        }
        if finish { splitter.finish { found.append($0.text) } }
        return (found, splitter.takeTooLong())
    }

    @Test("records are the same in one piece and in any two")
    func chunks() {
        let text = "a\r\nbc\n\n\r\nlonger than eight\nde\nrest"
        let whole = records([text])
        #expect(whole.records == ["a", "bc", "de", "rest"])
        #expect(whole.tooLong == 1)
        for cut in text.unicodeScalars.indices {
            let parts = records([String(text.unicodeScalars[..<cut]), String(text.unicodeScalars[cut...])])
            #expect(parts.records == whole.records && parts.tooLong == 1, "cut at \(cut)")
        }
        let bytes = records(text.unicodeScalars.map { String($0) })
        #expect(bytes.records == whole.records && bytes.tooLong == 1)
    }

    @Test("an endless record is let go, and counted once")
    func endless() {
        let found = records(Array(repeating: "xxxxxxxx", count: 1000) + ["\nok\n"])
        #expect(found.records == ["ok"])
        #expect(found.tooLong == 1)
    }

    @Test("other bytes can end a record, and the end of the stream alone")
    func terminators() {
        #expect(records(["a\rb\n\r"], .byte(13)).records == ["a", "b\n"])
        #expect(records(["a\nb", "\nc"], .end).records == ["a\nb\nc"])
        #expect(records(["a\nb", "\nc far too long"], .end).records == [])
    }

    @Test("what may be the end of a record whose beginning was missed is passed over")
    func skipping() {
        var splitter = RecordSplitter()
        var found: [String] = []
        splitter.skipRecord()
        for chunk in ["2.5", "\n21", ".5\n"] {
            Array(chunk.utf8).withUnsafeBytes { splitter.take($0) { found.append($0.text) } }
        }
        #expect(found == ["21.5"])
        #expect(splitter.takeTooLong() == 0)
    }
}

extension IntegerBlock {
    /// Writes `integers`, which must be those that the block was made for, divided as it left them.
    func write(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        guard integers.count > 1 else { return writer.signedVarint(integers[0]) }
        if unit > 1 {
            writer.bytes.append(Layout.scaled)
            writer.varint(UInt64(unit))
            writer.signedVarint(origin)
        }
        writer.bytes.append(layout)
        switch layout {
        case Layout.packed...64: writePacked(integers, to: &writer)
        case Layout.riceTurns...96:
            writer.signedVarint(integers[0])
            writer.signedVarint(integers[1] &- integers[0])
            writeRiceTurns(integers, Int(layout - Layout.riceTurns), to: &writer)
        case Layout.riceValues...126:
            writer.signedVarint(least)
            let parameter = Int(layout - Layout.riceValues)
            writer.appendBits(bits) { bits in
                for integer in integers {
                    Rice.append(UInt64(bitPattern: integer &- least), parameter: parameter, to: &bits)
                }
            }
        case Layout.varintSteps:
            writer.signedVarint(integers[0])
            for index in 1..<integers.count { writer.signedVarint(integers[index] &- integers[index - 1]) }
        case Layout.packedSteps...192: writePackedSteps(integers, to: &writer)
        case Layout.riceSteps...224:
            writer.signedVarint(integers[0])
            let parameter = Int(layout - Layout.riceSteps)
            writer.appendBits(bits) { bits in
                for index in 1..<integers.count {
                    let step = integers[index] &- integers[index - 1]
                    Rice.append(step.zigzag, parameter: parameter, to: &bits)
                }
            }
        case Layout.chunkedSteps, Layout.chunkedTurns: writeChunks(integers, to: &writer)
        default: IntegerRuns.write(integers, count: bits, to: &writer)
        }
    }

    private func writePacked(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        writer.signedVarint(least)
        let width = Int(layout)
        if width == 0 { return }
        writer.appendBits(integers.count * width) { bits in
            for integer in integers { bits.append(UInt64(bitPattern: integer &- least), width: width) }
        }
    }

    private func writePackedSteps(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        writer.signedVarint(integers[0])
        writer.signedVarint(least)
        let width = Int(layout - Layout.packedSteps)
        if width == 0 { return }
        writer.appendBits((integers.count - 1) * width) { bits in
            for index in 1..<integers.count {
                let excess = integers[index] &- integers[index - 1] &- least
                bits.append(UInt64(bitPattern: excess), width: width)
            }
        }
    }

    private func writeRiceTurns(
        _ integers: UnsafeBufferPointer<Int64>, _ parameter: Int, to writer: inout ByteWriter
    ) {
        writer.appendBits(bits) { bits in
            var previousStep = integers[1] &- integers[0]
            for index in 2..<integers.count {
                let step = integers[index] &- integers[index - 1]
                Rice.append((step &- previousStep).zigzag, parameter: parameter, to: &bits)
                previousStep = step
            }
        }
    }

    private func writeChunks(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        writer.signedVarint(integers[0])
        var index = 1
        // For steps, what each is compared with stays 0.
        let takesTurns = layout == Layout.chunkedTurns
        var previousStep: Int64 = 0
        if takesTurns {
            previousStep = integers[1] &- integers[0]
            writer.signedVarint(previousStep)
            index = 2
        }
        while index < integers.count {
            let end = min(index + Chunk.length, integers.count)
            var union: UInt64 = 0
            var before = previousStep
            for place in index..<end {
                let step = integers[place] &- integers[place - 1]
                union |= (step &- before).zigzag
                if takesTurns { before = step }
            }
            let width = union.bitCount
            writer.bytes.append(UInt8(width))
            writer.appendBits((end - index) * width) { bits in
                for place in index..<end {
                    let step = integers[place] &- integers[place - 1]
                    bits.append((step &- previousStep).zigzag, width: width)
                    if takesTurns { previousStep = step }
                }
            }
            index = end
        }
    }
}

/// Integers that repeat: the value of each run and its length less one, each a block of its own.
enum IntegerRuns {
    static func size(_ integers: UnsafeBufferPointer<Int64>, count: Int) -> Int {
        withRuns(of: integers, count: count) { values, lengths in
            1 + UInt64(count).varintSize + IntegerBlock(unscaled: values, withinRuns: true).size
                + IntegerBlock(unscaled: lengths, withinRuns: true).size
        }
    }

    static func write(_ integers: UnsafeBufferPointer<Int64>, count: Int, to writer: inout ByteWriter) {
        writer.varint(UInt64(count))
        withRuns(of: integers, count: count) { values, lengths in
            IntegerBlock(unscaled: values, withinRuns: true).write(values, to: &writer)
            IntegerBlock(unscaled: lengths, withinRuns: true).write(lengths, to: &writer)
        }
    }

    /// Neither block is of runs itself, so that a reader's work is bounded by the bytes and the integers.
    private static func withRuns<Result>(
        of integers: UnsafeBufferPointer<Int64>, count: Int,
        _ body: (UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Int64>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: 2 * count) { memory in
            var run = 0
            var start = 0
            for index in 1...integers.count where index == integers.count || integers[index] != integers[start] {
                memory.initializeElement(at: run, to: integers[start])
                memory.initializeElement(at: count + run, to: Int64(index - start - 1))
                run += 1
                start = index
            }
            let whole = UnsafeBufferPointer(memory)
            return body(
                UnsafeBufferPointer(rebasing: whole[..<count]), UnsafeBufferPointer(rebasing: whole[count...]))
        }
    }
}

extension ByteReader {
    /// Which blocks may still be within this one.
    enum BlockNesting {
        case outermost, scaled, withinRuns
    }

    /// Reads the integers of a block, see `IntegerBlock`; there is one at least.
    mutating func block(
        _ integers: UnsafeMutableBufferPointer<Int64>, _ nesting: BlockNesting = .outermost
    ) throws(FrameError) {
        if integers.count == 1 {
            integers[0] = try signedVarint()
            return
        }
        let layout = try byte()
        switch layout {
        case Layout.packed...64:
            let least = try signedVarint()
            try packed(integers, width: Int(layout)) { least &+ Int64(bitPattern: $0) }
        case Layout.riceTurns...96: try riceTurns(integers, Int(layout - Layout.riceTurns))
        case Layout.riceValues...126:
            let least = try signedVarint()
            try rice(integers, Int(layout - Layout.riceValues)) { least &+ Int64(bitPattern: $0) }
        case Layout.varintSteps:
            var last = try signedVarint()
            integers[0] = last
            for index in 1..<integers.count {
                last &+= try signedVarint()
                integers[index] = last
            }
        case Layout.packedSteps...192:
            var last = try signedVarint()
            let leastStep = try signedVarint()
            integers[0] = last
            let steps = UnsafeMutableBufferPointer(rebasing: integers[1...])
            try packed(steps, width: Int(layout - Layout.packedSteps)) {
                last &+= leastStep &+ Int64(bitPattern: $0)
                return last
            }
        case Layout.riceSteps...224:
            var last = try signedVarint()
            integers[0] = last
            try rice(UnsafeMutableBufferPointer(rebasing: integers[1...]), Int(layout - Layout.riceSteps)) {
                last &+= Int64(zigzag: $0)
                return last
            }
        case Layout.chunkedSteps, Layout.chunkedTurns:
            try chunks(integers, takesTurns: layout == Layout.chunkedTurns)
        case Layout.runs where nesting != .withinRuns: try runs(integers)
        case Layout.scaled where nesting == .outermost: try scaled(integers)
        default: throw malformed("a block has no known layout, or one that may not be here")
        }
    }

    @inline(__always)
    private mutating func rice(
        _ integers: UnsafeMutableBufferPointer<Int64>, _ parameter: Int, _ integer: (UInt64) -> Int64
    ) throws(FrameError) {
        try expectBits(integers.count * (parameter + 1))
        try bits { bits in
            for index in integers.indices {
                guard let number = bits.nextRice(parameter) else { return false }
                integers[index] = integer(number)
            }
            return true
        }
    }

    private mutating func riceTurns(
        _ integers: UnsafeMutableBufferPointer<Int64>, _ parameter: Int
    ) throws(FrameError) {
        var last = try signedVarint()
        var step = try signedVarint()
        integers[0] = last
        last &+= step
        integers[1] = last
        guard integers.count > 2 else { return }
        try rice(UnsafeMutableBufferPointer(rebasing: integers[2...]), parameter) {
            step &+= Int64(zigzag: $0)
            last &+= step
            return last
        }
    }

    private mutating func chunks(
        _ integers: UnsafeMutableBufferPointer<Int64>, takesTurns: Bool
    ) throws(FrameError) {
        var last = try signedVarint()
        integers[0] = last
        var index = 1
        var step: Int64 = 0
        if takesTurns {
            step = try signedVarint()
            last &+= step
            integers[1] = last
            index = 2
        }
        while index < integers.count {
            let end = min(index + Chunk.length, integers.count)
            let width = Int(try byte())
            guard width <= 64 else { throw malformed("a number has more than 64 bits") }
            let chunk = UnsafeMutableBufferPointer(rebasing: integers[index..<end])
            if takesTurns {
                try packed(chunk, width: width) {
                    step &+= Int64(zigzag: $0)
                    last &+= step
                    return last
                }
            } else {
                try packed(chunk, width: width) {
                    last &+= Int64(zigzag: $0)
                    return last
                }
            }
            index = end
        }
    }

    private mutating func scaled(_ integers: UnsafeMutableBufferPointer<Int64>) throws(FrameError) {
        guard let unit = Int64(exactly: try varint()), unit > 1 else {
            throw malformed("a unit is from 2 to below 2^63")
        }
        let origin = try signedVarint()
        try block(integers, .scaled)
        for index in integers.indices { integers[index] = integers[index] &* unit &+ origin }
    }

    private mutating func runs(_ integers: UnsafeMutableBufferPointer<Int64>) throws(FrameError) {
        let count = try count(upTo: integers.count)
        guard count >= 1 else { throw malformed("a block has no run") }
        let memory = UnsafeMutableBufferPointer<Int64>.allocate(capacity: 2 * count)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0)
        let values = UnsafeMutableBufferPointer(rebasing: memory[..<count])
        let lengths = UnsafeMutableBufferPointer(rebasing: memory[count...])
        try block(values, .withinRuns)
        try block(lengths, .withinRuns)
        var place = 0
        for run in 0..<count {
            guard lengths[run] >= 0, lengths[run] < Int64(integers.count - place) else {
                throw malformed("runs are longer than the block")
            }
            let end = place + Int(lengths[run]) + 1
            integers[place..<end].update(repeating: values[run])
            place = end
        }
        guard place == integers.count else { throw malformed("runs are shorter than the block") }
    }

    /// Refuses before the work what the bytes cannot hold.
    private func expectBits(_ count: Int) throws(FrameError) {
        guard (count + 7) / 8 <= remaining else { throw malformed("the bytes end too early") }
    }
}

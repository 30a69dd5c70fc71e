/// Sums and extremes of integers, of their steps (each less the one before) and of their turns (each step less the one
/// before), from which the sizes of layouts follow.
struct IntegerShape {
    let count: Int
    let first: Int64
    let firstStep: Int64
    private(set) var least: Int64
    private(set) var leastStep = Int64.max
    /// Bits of the differences from the least.
    let width: Int
    let stepWidth: Int
    /// Bytes of the steps as signed varints; of many integers not even counted, as other layouts are shorter.
    let stepBytes: Int?
    /// Sums of steps and turns as `Int64.zigzag` has them, each counted as 2^47 at most, so that no sum overflows.
    private(set) var stepSum: UInt64 = 0
    private(set) var turnSum: UInt64 = 0
    /// Steps that are not 0.
    private(set) var changes = 0
    /// Sum of the differences from the least; nil when these have too many bits to be summed.
    let excessSum: UInt64?

    /// - Precondition: there are two integers at least.
    init(of integers: UnsafeBufferPointer<Int64>) {
        count = integers.count
        first = integers[0]
        firstStep = integers[1] &- integers[0]
        least = first
        var greatest = first
        var greatestStep = Int64.min
        var sum = first
        var previous = first
        var previousStep = firstStep
        for index in 1..<integers.count {
            let integer = integers[index]
            let step = integer &- previous
            let turn = step &- previousStep
            previous = integer
            previousStep = step
            least = min(least, integer)
            greatest = max(greatest, integer)
            leastStep = min(leastStep, step)
            greatestStep = max(greatestStep, step)
            sum &+= integer
            stepSum &+= min(step.zigzag, Self.cap)
            turnSum &+= min(turn.zigzag, Self.cap)
            changes &+= step == 0 ? 0 : 1
        }
        stepBytes = count > 64 ? nil : Self.bytesOfSteps(integers)
        width = UInt64(bitPattern: greatest &- least).bitCount
        stepWidth = UInt64(bitPattern: greatestStep &- leastStep).bitCount
        // Modulo 2^64 the sum is right, and it is below that.
        excessSum = width <= 47 ? UInt64(bitPattern: sum &- least &* Int64(count)) : nil
    }

    private static let cap: UInt64 = 1 << 47

    private static func bytesOfSteps(_ integers: UnsafeBufferPointer<Int64>) -> Int {
        var total = 0
        for index in 1..<integers.count { total += (integers[index] &- integers[index - 1]).signedVarintSize }
        return total
    }
}

/// Golomb–Rice codes (Rice and Plaunt, IEEE Trans. Commun. 1971), as FLAC (RFC 9639) codes residuals.
///
/// A number z with parameter k is z / 2^k in unary (so many ones, then a zero) and the k low bits of z. A quotient of 24
/// or more is 24 ones, and then all 64 bits of z.
enum Rice {
    static let escape = 24

    /// The parameter with the fewest bits for numbers of that sum, and these bits, about.
    static func estimate(sum: UInt64, count: Int, limit: Int) -> (parameter: Int, bits: Int) {
        let mean = sum / UInt64(count)
        var best = (parameter: 0, bits: Int.max)
        let middle = max(0, mean.bitCount - 1)
        for parameter in max(0, middle - 1)...(middle + 1) where parameter <= limit {
            // Low bits are even on average, but those of a mean below 2^parameter.
            let low = min(sum / 2, UInt64(count) * ((1 << UInt64(parameter)) - 1) / 2)
            let bits = count * (1 + parameter) + Int((sum - low) >> UInt64(parameter))
            if bits < best.bits { best = (parameter, bits) }
        }
        return best
    }

    @inline(__always)
    static func bits(_ number: UInt64, parameter: Int) -> Int {
        let quotient = number &>> UInt64(truncatingIfNeeded: parameter)
        return quotient < UInt64(escape) ? Int(truncatingIfNeeded: quotient) &+ 1 &+ parameter : escape + 64
    }

    @inline(__always)
    static func append(_ number: UInt64, parameter: Int, to writer: inout BitWriter) {
        let quotient = number &>> UInt64(truncatingIfNeeded: parameter)
        if quotient < UInt64(escape) {
            let ones = (1 &<< quotient) &- 1 as UInt64
            let low = number & ((1 &<< UInt64(truncatingIfNeeded: parameter)) &- 1)
            let length = Int(truncatingIfNeeded: quotient) &+ 1
            writer.append(ones | low &<< UInt64(truncatingIfNeeded: length), width: length &+ parameter)
        } else {
            writer.append(1 << UInt64(escape) - 1, width: escape)
            writer.append(number, width: 64)
        }
    }

    static func bitsOfSteps(_ integers: UnsafeBufferPointer<Int64>, parameter: Int) -> Int {
        var total = 0
        for index in 1..<integers.count {
            total &+= bits((integers[index] &- integers[index - 1]).zigzag, parameter: parameter)
        }
        return total
    }

    static func bitsOfTurns(_ integers: UnsafeBufferPointer<Int64>, parameter: Int) -> Int {
        var total = 0
        var previousStep = integers[1] &- integers[0]
        for index in 2..<integers.count {
            let step = integers[index] &- integers[index - 1]
            total &+= bits((step &- previousStep).zigzag, parameter: parameter)
            previousStep = step
        }
        return total
    }

    static func bitsOfExcess(_ integers: UnsafeBufferPointer<Int64>, over least: Int64, parameter: Int) -> Int {
        var total = 0
        for integer in integers { total &+= bits(UInt64(bitPattern: integer &- least), parameter: parameter) }
        return total
    }
}

/// Steps or turns, 32 at a time with a width of their own, so that a quiet stretch does not pay for a lively one.
enum Chunk {
    static let length = 32

    @inline(__always)
    static func bytes(count: Int, width: Int) -> Int { 1 + (count * width + 7) / 8 }

    static func bytesOfSteps(_ integers: UnsafeBufferPointer<Int64>) -> Int {
        var total = 0
        var index = 1
        while index < integers.count {
            let end = min(index + length, integers.count)
            var union: UInt64 = 0
            for place in index..<end { union |= (integers[place] &- integers[place - 1]).zigzag }
            total += bytes(count: end - index, width: union.bitCount)
            index = end
        }
        return total
    }

    static func bytesOfTurns(_ integers: UnsafeBufferPointer<Int64>) -> Int {
        var total = 0
        var index = 2
        var previousStep = integers[1] &- integers[0]
        while index < integers.count {
            let end = min(index + length, integers.count)
            var union: UInt64 = 0
            for place in index..<end {
                let step = integers[place] &- integers[place - 1]
                union |= (step &- previousStep).zigzag
                previousStep = step
            }
            total += bytes(count: end - index, width: union.bitCount)
            index = end
        }
        return total
    }
}

#if Modbus
import Testing

@testable import Inputs

@Suite("Modbus: what registers hold")
struct RegisterCodecTests {
    /// Registers as they travel for the bytes of a value, the most significant first, in an order.
    private static func words(_ bytes: [UInt8], _ order: RegisterOrder) -> ArraySlice<UInt16> {
        var words = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        switch order {
        case .abcd: break
        case .cdab: words.reverse()
        case .badc: words = words.map(\.byteSwapped)
        case .dcba: words = words.reversed().map(\.byteSwapped)
        }
        // Behind something else, as a value stands in a response.
        return ([0xDEAD] + words + [0xBEEF])[1...words.count]
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    private static let table: [(RegisterEncoding, [UInt8], RawReading)] = [
        (.int16, bytes(Int16(-205)), .signed(-205)), (.int16, bytes(Int16.min), .signed(-32_768)),
        (.uint16, [0xFF, 0xFE], .unsigned(65_534)),
        (.int32, bytes(Int32(-2)), .signed(-2)), (.int32, [1, 2, 3, 4], .signed(0x0102_0304)),
        (.uint32, [0xFF, 2, 3, 4], .unsigned(0xFF02_0304)),
        (.int64, bytes(Int64(-3)), .signed(-3)), (.int64, [1, 2, 3, 4, 5, 6, 7, 8], .signed(0x0102_0304_0506_0708)),
        (.uint64, bytes(UInt64.max - 1), .unsigned(.max - 1)),
        // 123.456 as the nearest float; the example of the four orders that many manuals give.
        (.float32, [0x42, 0xF6, 0xE9, 0x79], .real(Double(Float(123.456)))),
        (.float64, bytes((-1.0e-9).bitPattern), .real(-1.0e-9)),
        (.bcd16, [0x12, 0x34], .unsigned(1234)), (.bcd16, [0x12, 0x3A], .nonsense),
        (.bcd32, [0x12, 0x34, 0x56, 0x78], .unsigned(12_345_678)), (.bcd32, [0x00, 0x00, 0xF0, 0x00], .nonsense),
        (.bool, [0, 0], .boolean(false)), (.bool, [0x80, 0], .boolean(true)),
    ]

    @Test("every encoding in every order", arguments: table, RegisterOrder.allCases)
    func encodings(row: (RegisterEncoding, [UInt8], RawReading), order: RegisterOrder) {
        let codec = RegisterCodec(row.0, order: order)
        #expect(codec.count * 2 == row.1.count)
        #expect(codec.decode(Self.words(row.1, order)) == row.2)
    }

    @Test("the names of the orders are those of the bytes A, B, C, D as they travel")
    func names() {
        let value: [UInt8] = Array("ABCD".utf8)
        for order in RegisterOrder.allCases {
            let sent = Self.words(value, order).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            #expect(String(decoding: sent, as: UTF8.self) == order.rawValue)
        }
    }

    @Test("a mask picks bits and shifts them down; one bit is a boolean")
    func masks() {
        #expect(RegisterCodec(.uint16, mask: 0x00F0).decode([0xABCD]) == .unsigned(0xC))
        #expect(RegisterCodec(.uint32, mask: 0xFF00_0000).decode([0x1234, 0]) == .unsigned(0x12))
        #expect(RegisterCodec(.bool, mask: 1 << 3).decode([0b1010]) == .boolean(true))
        #expect(RegisterCodec(.bool, mask: 1 << 2).decode([0b1010]) == .boolean(false))
        #expect(RegisterCodec(.bool, order: .badc, mask: 1).decode([0x0100]) == .boolean(true))
    }

    @Test("text ends at NUL, loses what fills it, and must be UTF-8")
    func text() {
        func text(_ bytes: [UInt8], _ order: RegisterOrder = .abcd) -> RawReading {
            RegisterCodec(.text, order: order, length: bytes.count / 2).decode(
                stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }[...])
        }
        #expect(text(Array("EM-4711 ".utf8)) == .text("EM-4711"))
        #expect(text([0x41, 0, 0x42, 0x43]) == .text("A"))
        #expect(text(Array("ME4-".utf8), .badc) == .text("EM-4"))
        #expect(text([0, 0]) == .text(""))
        #expect(text([0xC3, 0x28]) == .nonsense)
    }
}
#endif

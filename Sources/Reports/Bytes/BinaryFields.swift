/// Fields of a binary format, one after another; numbers little-endian.
struct BinaryFields {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// As it is.
    mutating func append(raw: some Collection<UInt8>) { bytes.append(contentsOf: raw) }
}

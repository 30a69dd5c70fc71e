/// A ZIP file whose members are stored as they are (PKWARE APPNOTE 6.3.10, compression method 0).
///
/// Members have the date 1980-01-01, the earliest there is: the same members give the same bytes.
enum StoredZIP {
    /// - Precondition: fewer than 65,535 members, and less than 4 GiB altogether: ZIP64 is not written.
    static func bytes(_ members: [DataPackage.File]) -> [UInt8] {
        var file = BinaryFields()
        var directory = BinaryFields()
        for member in members {
            let offset = UInt32(file.bytes.count)
            let crc = CRC32.of(member.bytes)
            file.append(UInt32(0x0403_4B50))
            entry(member, crc, to: &file)
            file.append(raw: member.name.utf8)
            file.append(raw: member.bytes)
            directory.append(UInt32(0x0201_4B50))
            // Made by version 2.0 on Unix, whose permissions stand in the upper half of the external attributes.
            directory.append(UInt16(3 << 8 | 20))
            entry(member, crc, to: &directory)
            // No comment, the first disk, no internal attributes.
            directory.append(UInt16(0))
            directory.append(UInt16(0))
            directory.append(UInt16(0))
            directory.append(UInt32(0o100644) << 16)
            directory.append(offset)
            directory.append(raw: member.name.utf8)
        }
        let start = UInt32(file.bytes.count)
        file.append(raw: directory.bytes)
        file.append(UInt32(0x0605_4B50))
        file.append(UInt32(0))
        file.append(UInt16(members.count))
        file.append(UInt16(members.count))
        file.append(UInt32(directory.bytes.count))
        file.append(start)
        file.append(UInt16(0))
        return file.bytes
    }

    /// What local headers and the directory have in common, from the version that is needed to the lengths of name and extra field.
    private static func entry(_ member: DataPackage.File, _ crc: UInt32, to fields: inout BinaryFields) {
        fields.append(UInt16(20))
        // Names are UTF-8.
        fields.append(UInt16(1 << 11))
        fields.append(UInt16(0))
        fields.append(UInt16(0))
        fields.append(UInt16(1 << 5 | 1))
        fields.append(crc)
        fields.append(UInt32(member.bytes.count))
        fields.append(UInt32(member.bytes.count))
        fields.append(UInt16(member.name.utf8.count))
        fields.append(UInt16(0))
    }
}

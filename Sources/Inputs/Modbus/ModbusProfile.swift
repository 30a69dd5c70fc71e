#if Modbus
package import Configuration

/// The registers of a make of device, as a file says them.
package struct ModbusProfile: ConfigurationDecodable, Sendable {
    /// Maker and model.
    package var title: String
    /// Where the maker, or who else, has published the registers.
    package var sources: [String]
    package var limits: ReadLimits
    package var registers: [ModbusRegister]
    /// The whole file.
    package let written: CoreValue

    package init(from reader: inout MappingReader) {
        title = reader.required("title", as: .nonEmptyString)
        sources = reader.required("sources", as: .sequence(of: .nonEmptyString, count: 1...))
        written = reader.node.coreValue
        let list = RegisterList(from: &reader)
        limits = list.limits
        registers = list.registers.map(\.value)
        if registers.isEmpty, reader.isSound("registers") {
            reader.report("a profile without 'registers' reads nothing", at: reader.place)
        }
    }
}

/// Where profiles are found.
struct ModbusProfiles: Sendable {
    /// The site's own come first.
    static let standardDirectories = ["/etc/fieldproof/devices", "/usr/share/fieldproof/devices"]

    let directories: [String]

    init(_ directories: [String]) { self.directories = directories }

    /// The name of a profile, read when the configuration is: it is a part of it that stands in another file.
    var format: ValueFormat<ModbusProfile> {
        ValueFormat<String>.identifier.parsing("the name of a profile", placeholder: .none) {
            name throws(InvalidValue) in
            try load(name)
        }
    }

    private func load(_ name: String) throws(InvalidValue) -> ModbusProfile {
        for directory in directories {
            let path = "\(directory)/\(name).yaml"
            do throws(ConfigurationError) {
                return try ConfigurationFile.load(path).decode(ModbusProfile.self)
            } catch  where error.code == .notFound {
                continue
            } catch {
                throw InvalidValue("the profile cannot be used: \(error)")
            }
        }
        let known = directories.flatMap(directoryNames).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        let places = directories.joined(separator: " or ")
        let advice =
            known.isEmpty
            ? "; there is none at all" : MappingReader.suggestion(for: name, among: known.sorted(), noun: "profile")
        throw InvalidValue("there is no profile '\(name)' in \(places)\(advice)")
    }
}

extension ModbusProfile {
    /// Stands in for one that could not be read.
    fileprivate static var none: ModbusProfile {
        ModbusProfile(title: "", sources: [], limits: ReadLimits(), registers: [])
    }

    private init(title: String, sources: [String], limits: ReadLimits, registers: [ModbusRegister]) {
        self.title = title
        self.sources = sources
        self.limits = limits
        self.registers = registers
        written = .null
    }
}
#endif

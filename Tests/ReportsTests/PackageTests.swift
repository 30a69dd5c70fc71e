import Aggregation
import Foundation
import JSON
import Telemetry
import Testing

@testable import Reports

@Suite("Data package")
struct PackageTests {
    /// What frictionless complains of, and the tables as it reads them.
    private func check(_ files: [DataPackage.File]) throws -> (faults: [String], tables: JSONValue) {
        let given = JSONValue.object(
            JSONObject(files.map { (key: $0.name, value: .string(String(decoding: $0.bytes, as: UTF8.self))) }))
        let input = String(decoding: given.compact(), as: UTF8.self)
        let output = String(decoding: try PythonPeer.run("check_package.py", input: input), as: UTF8.self)
        let lines = output.split(separator: "\n").map(String.init)
        return (Array(lines.dropLast()), try JSONParser.parse(lines.last ?? ""))
    }

    @Test("a package is what was reviewed", arguments: SampleSummary.all)
    func golden(_ sample: SampleSummary) throws {
        for file in DataPackage(sample.summary).files where !["runs.csv", "summary.json"].contains(file.name) {
            try Golden.check(String(decoding: file.bytes, as: UTF8.self), "\(sample.name).package/\(file.name)")
        }
    }

    @Test("frictionless finds nothing wrong, and every row", arguments: SampleSummary.all)
    func valid(_ sample: SampleSummary) throws {
        let summary = sample.summary
        let (faults, tables) = try check(DataPackage(summary).files)
        #expect(faults.isEmpty, "\(faults)")
        let counts = [
            "runs": summary.ledger.count, "criteria": summary.criteria.count,
            "strata": summary.criteria.reduce(0) { $0 + $1.strata.count }, "safety": summary.safety.count,
            "metrics": summary.metrics.count, "checks": summary.completeness.checks.count,
            "streams": summary.completeness.streams.count,
        ]
        for (name, count) in counts { #expect(tables[name]?.array?.count == count, "\(name)") }
        #expect(Set(tables.object?.keys ?? []) == Set(counts.keys))
    }

    @Test("numbers come back to the last digit, and texts less one apostrophe")
    func values() throws {
        let (_, tables) = try check(DataPackage(.hostile).files)
        let criterion = try #require(tables["criteria"]?[0])
        #expect(criterion["criterion"]?.string == "'=HYPERLINK(\"x\")")
        for (name, value) in [("estimate", 1e-9), ("lower", -3e14), ("upper", 6.02214076e23)] {
            let read = criterion[name]
            #expect((read?.double ?? read?.string.flatMap(Double.init)) == value, "\(name)")
        }
    }

    @Test(
        "a change of any file is found out",
        arguments: ["runs.csv", "criteria.csv", "strata.csv", "safety.csv", "metrics.csv", "checks.csv", "streams.csv"])
    func tampered(_ name: String) throws {
        var files = DataPackage(.refutedAtOneSite).files
        let index = try #require(files.firstIndex { $0.name == name })
        files[index].bytes.append(contentsOf: "\r\n".utf8)
        #expect(try check(files).faults.contains { $0.contains("other bytes") })
    }

    @Test("frictionless finds a stratum of no criterion, a word that is none and a run that comes twice")
    func checkCanFail() throws {
        func faults(_ name: String, _ change: (String) -> String) throws -> String {
            var files = DataPackage(.refutedAtOneSite).files
            let index = try #require(files.firstIndex { $0.name == name })
            files[index].bytes = Array(change(String(decoding: files[index].bytes, as: UTF8.self)).utf8)
            return try check(files).faults.joined(separator: "\n")
        }
        #expect(try faults("strata.csv") { $0.replacing("success-rate,anji", with: "other,anji") }.contains("oreign"))
        #expect(try faults("safety.csv") { $0.replacing("critical", with: "terrible") }.contains("enum"))
        #expect(try faults("runs.csv") { $0.replacing("r2,", with: "r5,") }.contains("rimary"))
    }

    @Test("a ZIP file of a package holds its files, and is the same each time", arguments: SampleSummary.all)
    func zip(_ sample: SampleSummary) throws {
        let package = DataPackage(sample.summary)
        #expect(package.zip == package.zip)
        let input = Data(package.zip).base64EncodedString()
        let members = try JSONDecoder().decode([String: String].self, from: PythonPeer.run("read_zip.py", input: input))
        #expect(
            members
                == package.files.reduce(into: [:]) { $0[$1.name] = String(decoding: $1.bytes, as: UTF8.self) })
    }

    @Test("all files of a package are known by name", arguments: SampleSummary.all)
    func names(_ sample: SampleSummary) {
        let files = DataPackage(sample.summary).files
        #expect(Set(files.map(\.name)) == DataPackage.fileNames)
        #expect(files.last?.name == DataPackage.descriptor)
    }
}

import Configuration

/// A version by Semantic Versioning 2.0.0 (semver.org), compared by its precedence.
package struct SemanticVersion: Hashable, Sendable, CustomStringConvertible {
    package let major: UInt64
    package let minor: UInt64
    package let patch: UInt64
    /// The identifiers behind `-`; empty for a release.
    package let prerelease: [String]
    /// What stands behind `+`; it has no precedence.
    package let build: String?

    /// Nil when `text` is not a semantic version.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let version = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = version[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ Self.isNumeric($0) }), let major = UInt64(numbers[0]),
            let minor = UInt64(numbers[1]), let patch = UInt64(numbers[2])
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
        prerelease = version.count == 2 ? Self.identifiers(Substring(version[1])) : []
        build = parts.count == 2 ? String(parts[1]) : nil
        if version.count == 2 {
            guard prerelease.allSatisfy({ Self.isIdentifier($0) && (!Self.isAllDigits($0) || Self.isNumeric($0)) })
            else {
                return nil
            }
        }
        if let build { guard Self.identifiers(build[...]).allSatisfy({ Self.isIdentifier($0) }) else { return nil } }
    }

    package var description: String {
        "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
            + (build.map { "+" + $0 } ?? "")
    }

    private static func identifiers(_ text: Substring) -> [String] {
        text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isAllDigits(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isNumeric(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && isAllDigits(text) && (text.utf8.count == 1 || text.utf8.first != 0x30)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }
}

extension SemanticVersion: Comparable {
    /// Precedence (semver 2.0.0, clause 11), with the build as a last resort so that the order is total.
    package static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        if (a.major, a.minor, a.patch) != (b.major, b.minor, b.patch) {
            return (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
        }
        if a.prerelease == b.prerelease { return (a.build ?? "") < (b.build ?? "") }
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return b.prerelease.isEmpty }
        for (left, right) in zip(a.prerelease, b.prerelease) where left != right {
            switch (isAllDigits(left), isAllDigits(right)) {
            case (true, true): return (left.utf8.count, left) < (right.utf8.count, right)
            case (true, false): return true
            case (false, true): return false
            case (false, false): return left.utf8.lexicographicallyPrecedes(right.utf8)
            }
        }
        return a.prerelease.count < b.prerelease.count
    }
}

extension ValueFormat where Value == SemanticVersion {
    static var semanticVersion: ValueFormat {
        guard let placeholder = SemanticVersion("0.0.0") else {
            preconditionFailure("the text is a semantic version")
        }
        return ValueFormat(expected: "a version such as 1.2.0", placeholder: placeholder) { reader in
            // A plain 1.2 is a number to YAML, and what it lacks is a part, not quotes.
            guard case .scalar(let scalar) = reader.node.content, !reader.node.isNull else { return nil }
            return SemanticVersion(scalar.text)
                ?? reader.fail("must be a semantic version of three numbers such as 1.2.0 (semver.org)")
        }
    }
}

import Configuration
import Testing

@Suite("Decoding")
struct DecodingTests {
    private func messages(_ text: String, _ read: @escaping (inout MappingReader) -> Void) -> [String] {
        guard case .failure(let error) = reading(text, as: .mapping(read)) else { return [] }
        return error.diagnostics.map(\.description)
    }

    @Test("what depends on a value that failed is not reported again")
    func echoes() {
        let found = messages("name: 5\nother: {x: 1}\n") { reader in
            let name = reader.required("name", as: .located(.string))
            let absent = reader.required("absent", as: .located(.string))
            reader.report("no such name", at: name.place)
            reader.report("no such name", at: absent.place)
            reader.report("no such name", key: "name")
            reader.report("no such name", key: "absent")
            let other = reader.required("other", as: .mapping { $0.required("x", as: .located(.string)) })
            let lost = reader.required("lost", as: .mapping { $0.required("x", as: .located(.string)) })
            reader.report("no such name", at: lost.place)
            reader.report("no such name", at: other.place)
        }
        #expect(
            found == [
                "f:1:1: absent: missing; give text",
                "f:1:1: lost: missing; give a mapping",
                "f:1:7: name: expected text, found the number 5; put quotes around it: \"5\"",
                "f:2:12: other.x: expected text, found the number 1; put quotes around it: \"1\"",
            ])
    }

    @Test("a semantic error stands at the value it is about")
    func semantic() {
        let found = messages("metrics: [a, b]\ncriterion: c\nlimit: 4\n") { reader in
            let metrics = reader.required("metrics", as: .sequence(of: .located(.string)))
            let criterion = reader.required("criterion", as: .located(.string))
            reader.report("no such metric", at: criterion.place)
            reader.report("nobody uses it", at: metrics[1].place)
            _ = reader.required("limit", as: .quantity)
            reader.report("must be a temperature", key: "limit")
            reader.report("too little", at: reader.place)
        }
        #expect(
            found == [
                "f:1:1: too little", "f:1:14: metrics[1]: nobody uses it", "f:2:12: criterion: no such metric",
                "f:3:8: limit: must be a temperature",
            ])
    }

    @Test("a key is sound when nothing was said at it or under it")
    func soundness() {
        _ = messages("a: {b: [1, x]}\nab: 1\nc: 2\n") { reader in
            _ = reader.optional("a", as: .dictionary(of: .sequence(of: .double)))
            _ = reader.optional("ab", as: .double)
            _ = reader.required("d", as: .double)
            #expect(!reader.isSound("a"))
            #expect(reader.isSound("ab"))
            #expect(reader.isSound("c"))
            #expect(!reader.isSound("d"))
        }
    }

    @Test("a misspelt required key is one error, not two")
    func misspelt() {
        let found = messages("evry: 1s\n") { _ = $0.required("every", as: .nanoseconds) }
        #expect(found == ["f:1:1: evry: unknown key; did you mean 'every'?"])
    }

    @Test("a key that is already there is not suggested again")
    func alreadyThere() {
        let found = messages("every: 1s\nevry: 1s\n") { _ = $0.required("every", as: .nanoseconds) }
        #expect(found == ["f:2:1: evry: unknown key; did you mean 'every'?"])
        let other = messages("path: a\npatn: b\n") { reader in
            _ = reader.optional("path", as: .string)
            _ = reader.optional("paths", as: .string)
        }
        #expect(other == ["f:2:1: patn: unknown key; did you mean 'paths'?"])
    }

    @Test(
        "the nearest name is suggested, and none when none is near",
        arguments: [
            ("evry", "every"), ("evrey", "every"), ("EVERY", "every"), ("passwordfile", "password-file"),
            ("retent", "retention"),
            ("password_file", "password-file"), ("every-second", "every"), ("ir", "id"), ("di", "id"), ("xy", nil),
            ("colour", nil), ("", nil),
        ] as [(String, String?)])
    func suggestions(name: String, expected: String?) {
        let names = ["id", "every", "password-file", "retention"]
        let advice = MappingReader.suggestion(for: name, among: names, noun: "key")
        let listed = "; the keys are id, every, password-file, retention"
        #expect(advice == (expected.map { "; did you mean '\($0)'?" } ?? listed))
    }

    @Test("keys that exclude each other")
    func exclusive() {
        func read(_ text: String) -> [String] {
            messages(text) { reader in
                reader.exactlyOne(of: ["password", "password-file"])
                _ = reader.optional("password", as: .string)
                _ = reader.optional("password-file", as: .string)
            }
        }
        #expect(read("password: a\n") == [])
        #expect(read("{}\n") == ["f:1:1: one of 'password', 'password-file' is missing; give one"])
        #expect(
            read("password-file: a\npassword: b\n")
                == ["f:2:1: password: cannot stand beside 'password-file'; keep one of them"])
    }

    @Test("a mapping may accept any key")
    func free() {
        #expect(messages("a: 1\nb: 2\n") { $0.ignoreUnknownKeys() } == [])
        #expect(messages("a: 1\n") { _ in } == ["f:1:1: a: unknown key; there are no valid keys here, remove it"])
    }

    @Test("null is an empty collection, and nothing else")
    func null() {
        #expect(reading("~", as: .sequence(of: .string)).value == [])
        #expect(reading("", as: .dictionary(of: .string)).value == [:])
        #expect(reading("~", as: .mapping { $0.value("a", as: .bool, default: true) }).value == true)
        #expect(reading("~", as: .string).messages == ["has no value; give text, or remove the key"])
    }

    @Test("a sequence may be bounded, and is counted as written")
    func counts() {
        #expect(reading("[1, 2, 3]", as: .sequence(of: .double, count: 3...3)).value == [1, 2, 3])
        #expect(
            reading("[1, 2]", as: .sequence(of: .double, count: 3...3)).messages == ["must have 3 elements, found 2"])
        #expect(reading("[1, x, 3]", as: .sequence(of: .double, count: 3...3)).messages.count == 1)
    }

    @Test("free keys are checked where they stand")
    func entries() throws {
        let entries = try #require(reading("{b: 1, a: 2}", as: .entries(keys: .identifier, of: .double)).value)
        #expect(entries.map(\.key) == ["b", "a"])
        #expect(entries.map(\.value) == [1, 2])
        #expect(entries.map(\.place.position.column) == [2, 8])
        #expect(reading("{B: x}", as: .entries(keys: .identifier, of: .double)).messages.count == 2)
        #expect(reading("{1: 2}", as: .dictionary(keys: .identifier, of: .double)).value == ["1": 2])
    }

    @Test("a format may be made of others")
    func composition() {
        let even = ValueFormat<Int>.parsing(.string, "an even count of letters", placeholder: 0) {
            text throws(InvalidValue) in
            guard text.count.isMultiple(of: 2) else { throw InvalidValue("has \(text.count) letters; add one") }
            return text.count
        }
        #expect(reading("abcd", as: even).value == 4)
        #expect(reading("abc", as: even).messages == ["has 3 letters; add one"])
        #expect(reading("5", as: even).messages.count == 1)

        let count = ValueFormat<String>.identifier.parsing("an id", placeholder: 0) { $0.count }
        #expect(reading("abc", as: count).value == 3)
        #expect(reading("ABC", as: count).messages.count == 1)

        let short = ValueFormat<Double>.scalar(.double, orMapping: .mapping { $0.required("value", as: .double) })
        #expect(reading("5", as: short).value == 5)
        #expect(reading("{value: 6}", as: short).value == 6)
        #expect(reading("[7]", as: short).messages == ["expected a number, or a mapping, found a sequence"])
        #expect(
            reading("{a: [1, b]}", as: .core).value
                == .mapping([
                    .init(key: "a", value: .sequence([.integer(1), .string("b")]))
                ]))
        #expect(reading("beta", as: .name(among: ["alpha", "beta"])).value == "beta")
        #expect(reading("off", as: .name(among: ["on", "off"])).value == "off")
        #expect(
            reading("gamma", as: .name(among: ["alpha", "beta"])).messages == [
                "expected one of alpha, beta, found the text 'gamma'"
            ])
    }
}

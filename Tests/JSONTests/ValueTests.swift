import JSON
import Testing

@Suite("Values")
struct ValueTests {
    private let value: JSONValue = ["a": [1, 2.5, "x", nil, true], "b": ["c": 1e3], "n": nil]

    @Test("answer to keys and indices, and with nil where there is nothing")
    func subscripts() {
        #expect(value["a"]?[0]?.int64 == 1)
        #expect(value["a"]?[1]?.double == 2.5)
        #expect(value["a"]?[2]?.string == "x")
        #expect(value["a"]?[3]?.isNull == true)
        #expect(value["a"]?[4]?.bool == true)
        #expect(value["b"]?["c"]?.int64 == 1000)
        #expect(value["n"]?.isNull == true)
        #expect(value["absent"] == nil && value["a"]?[5] == nil && value["a"]?[-1] == nil && value["a"]?["x"] == nil)
        #expect(value[0] == nil)
    }

    @Test("are of one kind only")
    func kinds() {
        let one: JSONValue = 1
        #expect(one.bool == nil && one.string == nil && one.array == nil && one.object == nil && !one.isNull)
        #expect(one.double == 1)
        #expect(JSONValue.double(1.5).int64 == nil && JSONValue.double(0x1p63).int64 == nil)
        #expect(JSONValue.string("1").int64 == nil && JSONValue.string("1").double == nil)
    }

    @Test("are equal only when they are exactly alike")
    func equality() {
        #expect(JSONValue.integer(1) != .double(1))
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(JSONValue.object(["a": 1, "b": 2]) != .object(["b": 2, "a": 1]))
        #expect(JSONValue.null != .bool(false) && JSONValue.array([]) != .object([:]))
    }

    @Test("of an object change, come and go in their order")
    func members() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(object == ["a": 3, "b": 2])
        object["c"] = 4
        object["a"] = nil
        object["b"] = .null
        object["absent"] = nil
        #expect(object.keys == ["b", "c"] && object["b"] == .null && object["a"] == nil && object.count == 2)
    }

    @Test("pretty keeps the order and ends with a line feed")
    func pretty() {
        let text = "{\n  \"b\": [],\n  \"a\": [\n    1\n  ]\n}\n"
        #expect(String(decoding: JSONValue.object(["b": [], "a": [1]]).pretty(), as: UTF8.self) == text)
    }
}

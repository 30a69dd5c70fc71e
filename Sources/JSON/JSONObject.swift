/// The members of a JSON object in the order they were given, every key once.
///
/// Keys are equal when their UTF-8 bytes are. A look-up walks the members: right for the small objects of messages.
package struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []

    /// Makes an empty object.
    package init() {}

    /// Makes an object of members in their order; where a key repeats, its last value takes the first one's place.
    package init(_ members: [(key: String, value: JSONValue)]) {
        var places: [ExactKey: Int] = [:]
        for member in members {
            if let place = places[ExactKey(member.key)] {
                self.members[place].value = member.value
            } else {
                places[ExactKey(member.key)] = self.members.count
                self.members.append(member)
            }
        }
    }

    /// Makes an object of members that the caller knows to be without a repeated key.
    init(distinct members: [(key: String, value: JSONValue)]) {
        self.members = members
    }

    /// The keys in order.
    package var keys: [String] { members.map(\.key) }

    /// The value of a member. To set one that is absent appends it; to set nil removes the member.
    package subscript(_ key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    private func place(of key: String) -> Int? {
        members.firstIndex { ExactKey($0.key) == ExactKey(key) }
    }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { members.count }
    package subscript(_ index: Int) -> (key: String, value: JSONValue) { members[index] }
}

extension JSONObject: Equatable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.elementsEqual(right) { ExactKey($0.key) == ExactKey($1.key) && $0.value == $1.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members.map { (key: $0.0, value: $0.1) })
    }
}

/// A string compared by its UTF-8 bytes. `String` itself takes the two spellings of `é` for one, which in JSON would
/// make one member of two (RFC 8259 section 8.3).
struct ExactKey: Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

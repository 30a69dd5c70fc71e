import CYAML

/// A document that is not YAML, or not the part of YAML that is read here; nothing after it can be trusted.
struct YAMLFault: Error {
    let message: String
    let position: SourcePosition
}

/// One event of libyaml's parser, as a Swift value.
enum YAMLEvent {
    /// The anchor and tag before a node.
    struct Properties {
        let anchor: String?
        let tag: String?
    }

    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(text: String, style: Scalar.Style, Properties)
    case sequenceStart(Properties)
    case sequenceEnd
    case mappingStart(Properties)
    case mappingEnd
}

/// Pulls events out of libyaml.
///
/// libyaml keeps a pointer to its own parser and to the input, so the parser lives at a fixed address, and whoever
/// makes
/// one keeps the input in place until it is gone.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeBufferPointer<UInt8>

    init(input: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        self.input = input
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    mutating func next() throws(YAMLFault) -> (event: YAMLEvent, position: SourcePosition) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { yaml_event_delete(&event) }
        return (Self.event(event), SourcePosition(event.start_mark))
    }

    private static func event(_ event: yaml_event_t) -> YAMLEvent {
        let data = event.data
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(text(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            // By length, not up to a NUL: "\0" is a valid escape in double quotes.
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style),
                .init(anchor: text(scalar.anchor), tag: text(scalar.tag)))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(.init(anchor: text(data.sequence_start.anchor), tag: text(data.sequence_start.tag)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(.init(anchor: text(data.mapping_start.anchor), tag: text(data.mapping_start.tag)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func style(_ style: yaml_scalar_style_t) -> Scalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}

extension YAMLEvents {
    private func fault() -> YAMLFault {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not readable as YAML"
        switch state.error {
        case YAML_READER_ERROR:
            return YAMLProblem.unreadableCharacter(problem, offset: state.problem_offset, in: input)
        case YAML_MEMORY_ERROR:
            return YAMLFault(message: "not enough memory to read it", position: SourcePosition(state.problem_mark))
        default:
            let mark = state.problem_mark
            // At the end of a file whose last line has no line break, libyaml is already on the line after it.
            let end = YAMLProblem.position(of: input.count, in: input)
            return YAMLFault(
                message: YAMLProblem.advice(
                    problem, byte: mark.index < input.count ? byte(at: mark) : nil,
                    construct: state.context.map { _ in SourcePosition(state.context_mark) }),
                position: min(SourcePosition(mark), end))
        }
    }

    /// The byte under a mark: marks count code points, so the text before it is walked once.
    private func byte(at mark: yaml_mark_t) -> UInt8? {
        var remaining = mark.index
        for byte in input where byte & 0xC0 != 0x80 {
            if remaining == 0 { return byte }
            remaining -= 1
        }
        return nil
    }
}

extension SourcePosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

package import Configuration

/// Something that measures until it is told to stop.
package protocol RunnableInput: Sendable {
    /// Measures and gives what it measured to `sink` until `stop` is woken; returns soon after that, and never before.
    ///
    /// Called on a thread of its own, with half a megabyte of stack, which may block as long as it watches `stop` meanwhile.
    /// What passes by itself (a device that does not answer, a bad line) is handled inside, counted and logged.
    /// - Throws: `InputError` for what no retry inside the input cures, such as an address that is taken.
    func run(into sink: any SampleSink, until stop: Waker) throws(InputError)
}

/// One kind of source: the host itself, a line protocol socket, a field bus.
///
/// An input never publishes and never stores: it gives samples to a sink. It does no I/O before `run`, so that a
/// configuration can be checked on any machine.
package protocol Input: RunnableInput {
    /// What a person can set.
    associatedtype Settings: ConfigurationDecodable & Sendable

    /// The name of the kind in `type:`, such as `host`.
    static var kind: String { get }
    /// One line that says what the input gives.
    static var summary: String { get }
    /// A commented item of `inputs:` in YAML that begins with `- type:`; it passes the check as it stands.
    static var sample: String { get }

    /// What settings take from other files, as it is written there: where that has changed, it is another input.
    static func borrowed(by settings: Settings) -> [CoreValue]

    /// - Throws: `InputError` when settings that are each sound cannot be together. Opens and reads nothing.
    init(_ settings: Settings, environment: InputEnvironment) throws(InputError)
}

extension Input {
    package static func borrowed(by settings: Settings) -> [CoreValue] { [] }
}

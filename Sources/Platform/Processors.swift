import CLinux

/// The processors of this machine.
package enum Processors {
    /// How many this process may run on: at least one, and fewer than the machine has where `taskset` or a cpuset says so.
    package static var usable: Int { max(1, Int(linux_usable_processors())) }
}

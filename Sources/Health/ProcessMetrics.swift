package import Platform

extension MetricsText {
    /// What every client library of Prometheus gives of its process, under the same names.
    package mutating func process(_ figures: ProcessFigures = ProcessFigures()) {
        single(
            "process_cpu_seconds_total", .counter, "Processor time used, in user and system mode.",
            figures.processorSeconds)
        single("process_resident_memory_bytes", .gauge, "Resident memory.", figures.residentBytes.map { Double($0) })
        single("process_virtual_memory_bytes", .gauge, "Virtual memory.", figures.virtualBytes.map { Double($0) })
        single("process_start_time_seconds", .gauge, "When the process started, since 1970.", figures.start)
        single("process_open_fds", .gauge, "Open file descriptors.", figures.openDescriptors.map { Double($0) })
        single("process_max_fds", .gauge, "How many there may be.", figures.mostDescriptors.map { Double($0) })
        single("process_threads", .gauge, "Threads.", figures.threads.map { Double($0) })
    }

    /// `prefix`: of the program's metrics.
    package mutating func build(_ prefix: String, version: String) {
        begin("\(prefix)_build_info", .gauge, "The version of the program; the value is always 1.")
        sample(1, ("version", version))
    }
}

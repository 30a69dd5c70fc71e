import Frames
import Telemetry

extension SampleIntake.Harvest {
    /// Parts what was timed before the wall clock was stepped from what was timed after it.
    ///
    /// A frame is placed as a whole, by the clock that it carries; so none may hold samples of two clocks. Each time is given to the clock
    /// whose present reading it is nearer to, which is right when the step is longer than the harvest took to gather.
    mutating func split(from before: ClockReading, to after: ClockReading) {
        var old = before
        old.sinceBoot = after.sinceBoot
        old.wall = Timestamp(nanoseconds: after.sinceBoot).advanced(byNanoseconds: before.offset)
        func isEarlier(_ time: Timestamp) -> Bool {
            time.nanoseconds(since: old.wall).magnitude < time.nanoseconds(since: after.wall).magnitude
        }
        earlierEvents += events.filter { isEarlier($0.timestamp) }.map { ($0, old) }
        events.removeAll { isEarlier($0.timestamp) }
        batches = batches.flatMap { whole -> [(priority: PriorityClass, batch: SampleBatch, clock: ClockReading?)] in
            var earlier = SampleBatch()
            var later = SampleBatch()
            whole.batch.forEach { sample in
                do throws(FrameError) {
                    if isEarlier(sample.timestamp) { try earlier.append(sample) } else { try later.append(sample) }
                } catch {
                    preconditionFailure("a part of a batch is larger than the batch: \(error)")
                }
            }
            if earlier.isEmpty { return [whole] }
            if later.isEmpty { return [(whole.priority, whole.batch, old)] }
            return [(whole.priority, earlier, old), (whole.priority, later, nil)]
        }
    }
}

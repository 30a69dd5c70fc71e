import Frames
import Installation
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("Whose spool it is")
struct SpoolOwnerTests {
    /// Leaves one undelivered frame of the box behind.
    private func leave(_ priority: PriorityClass, on box: Box) throws {
        var spool = try box.open()
        try spool.store(.noise(1), as: priority)
        try spool.close()
    }

    private static let advice = "or give this agent another 'spool: path'"

    @Test(
        "undelivered frames of another agent or site are not to be overtaken, whatever their class",
        arguments: PriorityClass.allCases, [("here", "other"), ("there", "box"), ("there", "other")])
    func otherOwner(priority: PriorityClass, name: (site: String, agent: String)) throws {
        let box = Box()
        try leave(priority, on: box)
        let error = #expect(throws: AgentError.self) { _ = try box.open(site: name.site, agent: name.agent) }
        #expect(error?.code == .spool)
        #expect(
            error?.description == "/spool: holds undelivered frames of agent 'box' at site 'here'; "
                + "deliver them under that name first, \(Self.advice)")
        let spool = try box.open()
        #expect(spool.identity.epoch == 2, "a start that was refused spends no epoch")
        #expect(spool.pending(priority) == 1, "and harms nothing")
    }

    @Test("frames of another installation are refused, and the way out is to put the identity back")
    func otherInstall() throws {
        let box = Box()
        try leave(.metric, on: box)
        let identity = try #require(box.files.contents("/spool/identity"))
        box.files.setContents("/spool/identity", nil)
        let error = #expect(throws: AgentError.self) { _ = try box.open() }
        #expect(
            error?.description == "/spool: holds undelivered frames of agent 'box' at site 'here', but of another "
                + "installation; put its 'identity' file back, \(Self.advice)")
        box.files.setContents("/spool/identity", identity)
        let spool = try box.open()
        #expect(spool.pending(.metric) == 1)
    }

    @Test("a spool that is empty, or delivered to the last frame, may change hands")
    func delivered() throws {
        let box = Box()
        try box.open().close()
        try box.open(site: "there", agent: "other").close()
        var spool = try box.open()
        try spool.store(.noise(1), as: .metric)
        try spool.synchronize()
        spool.release(through: 1, of: .metric)
        try spool.close()
        let next = try box.open(agent: "other").identity
        #expect(next == InstallationIdentity(install: Box.install, epoch: 4))
    }

    @Test("one process at a time has the spool")
    func locked() throws {
        let box = Box()
        let spool = try box.open()
        let error = #expect(throws: AgentError.self) { _ = try box.open() }
        #expect(error?.code == .spool)
        #expect(
            error?.description
                == "/spool: another process uses this directory; stop it or configure another directory")
        try spool.close()
        let epoch = try box.open().identity.epoch
        #expect(epoch == 2, "closing gives the directory free")
    }

    @Test("letting go of a spool without closing it gives the directory free too")
    func dropped() throws {
        let box = Box()
        let spool = try box.open()
        _ = consume spool
        let epoch = try box.open().identity.epoch
        #expect(epoch == 2)
    }

    @Test("a start that fails halfway does not keep the directory")
    func failedStart() throws {
        let reference = Box()
        try reference.open().close()
        let operations = reference.files.history.count
        for operation in 0..<operations {
            let box = Box()
            box.files.plan(.error(errno: 5), at: operation)
            do throws(AgentError) {
                let spool = try box.open()
                try spool.close()
            } catch {
                #expect(error.code == .spool)
                #expect(error.path != nil)
            }
            try box.open().close()
        }
    }

    @Test("a damaged identity is told of, with what to do")
    func damagedIdentity() throws {
        let box = Box()
        try leave(.metric, on: box)
        box.files.flipBit(200, of: "/spool/identity")
        let error = #expect(throws: AgentError.self) { _ = try box.open() }
        #expect(error?.path == "/spool/identity")
        #expect(error?.message.hasPrefix("is damaged; ") == true)
        #expect(error?.message.contains("start with an empty one") == true)
    }

    @Test(
        "a spool that is too small, or for which the disk has no room, is refused at the start and not when it fills up"
    )
    func tooLittleRoom() throws {
        let small = #expect(throws: AgentError.self) { _ = try Box(segments: 5).open() }
        #expect(small?.code == .spool)
        #expect(
            small?.description
                == "/spool: a budget of 49152 bytes is too small: 3 lanes and a reserve of 2 need at least 57344"
        )
        let full = #expect(throws: AgentError.self) { _ = try Box(capacity: 7 * Box.segmentSize).open() }
        #expect(full?.code == .spool)
        #expect(full?.message.contains("no space left") == true, "\(full?.description ?? "")")
    }
}

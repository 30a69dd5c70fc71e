"""What lies in the spool is damaged while the agent is not running: bits, the cursor, a segment."""

from .. import archive
from ..machine import check_strace, strace
from . import fault


def _with_backlog(run, lives=3):
    """An agent that was killed with everything it took still in its spool, in several segments."""
    # Each start takes new segments of 4 MiB, so a small spool would let the backlog go.
    world = run.make_world(sync="50ms", rate=2500, size="128MiB")
    agent = world.agent
    agent.feed.more(500)
    agent.barrier()
    world.collector.hold()
    for _ in range(lives):
        agent.feed.more(2500)
        agent.barrier()
        life = agent.life
        life.kill()
        agent.next_life(life)
    agent.feed.more(2500)
    agent.barrier()
    agent.hold()
    return world


def _metric_segments(spool):
    """(path, content) of the segments with samples, oldest first, without the last: it may end in a torn write."""
    found = []
    for path in spool.glob("*.segment"):
        data = path.read_bytes()
        part = archive.segment(data)
        if part and len(part.records) > 1 and data[10] == 1:
            found.append((part.number, path, part))
    return [(path, part) for _, path, part in sorted(found, key=lambda each: each[0])][:-1]


def _go_on(world):
    world.hurt()
    world.agent.keep()
    world.agent.wait_for_log("agent started")
    world.start_collector()


@fault("spool-bit-flips", "bits flip in stored frames: they are declared lost, never sent as data", 15)
def spool_bit_flips(run):
    world = _with_backlog(run)
    for path, part in _metric_segments(world.agent.spool):
        data = bytearray(path.read_bytes())
        for _ in range(run.count(2, 12)):
            # Not the last record: without a seal it cannot be told from a torn write.
            _, offset, payload = run.random.choice(part.records[:-1])
            data[offset + run.random.randrange(24 + len(payload))] ^= 1 << run.random.randrange(8)
        path.write_bytes(data)
    _go_on(world)


@fault("spool-cursor-lost", "the spool's cursor is overwritten with noise: frames are sent again, and counted once", 15)
def spool_cursor_lost(run):
    world = _with_backlog(run)
    (world.agent.spool / "cursor").write_bytes(run.random.randbytes(8192))
    _go_on(world)


@fault("spool-segment-lost", "a segment of the spool is gone: what it held is declared lost", 15)
def spool_segment_lost(run):
    world = _with_backlog(run)
    path, _ = run.random.choice(_metric_segments(world.agent.spool)[1:])
    path.unlink()
    _go_on(world)


@fault(
    "spool-segment-cut", "a segment of the spool is cut off in the middle: what is behind the cut is declared lost", 15
)
def spool_segment_cut(run):
    world = _with_backlog(run)
    path, part = run.random.choice(_metric_segments(world.agent.spool))
    with open(path, "r+b") as file:
        file.truncate(part.records[len(part.records) // 2][1] + 10)
    _go_on(world)


@fault("spool-bad-sector", "a segment of the spool cannot be read (EIO): the agent goes on with the others", 20)
def spool_bad_sector(run):
    check_strace()
    world = _with_backlog(run)
    agent = world.agent
    path, _ = _metric_segments(agent.spool)[0]
    life = agent.start(strace(["pread64:error=EIO:when=1+"], paths=[path]))
    world.hurt()
    if life.done.wait(5):
        raise AssertionError(f"the agent does not start: {life.log.strip().splitlines()[-1]}")
    agent.feed.more(100)
    agent.barrier()
    world.start_collector()
    agent.feed.more(100)
    # Restarted with a disk that is well: what could be read then is delivered, what was given up is declared.
    agent.barrier()
    agent.hold()
    agent.keep()


@fault("archive-bad-sector", "an old segment of the archive cannot be read (EIO): the collector goes on taking frames", 20)
def archive_bad_sector(run):
    check_strace()
    world = run.make_world(sync="50ms")
    world.agent.feed.more(500)
    for _ in range(2):
        world.agent.barrier()
        world.collector.hold()
        world.agent.feed.more(500)
        world.start_collector()
    world.agent.drain(30)
    world.collector.stop()
    oldest = min(world.archive.glob("*.segment"))
    life = world.collector.start(strace(["pread64:error=EIO:when=1+"], paths=[oldest]))
    world.hurt()
    if life.done.wait(5):
        raise AssertionError(f"the collector does not start: {life.log.strip().splitlines()[-1]}")
    world.agent.drain(30)
    world.collector.hold()
    world.start_collector()

"""What lies in the spool is damaged while the agent is not running: bits, the cursor, a segment."""

from .. import archive
from ..machine import check_strace, strace
from . import fault


def _with_backlog(run):
    """An agent that was killed with everything it took still in its spool: one start's samples over several segments.

    One start: of frames at the very end of a start nobody can tell that there were any, and that is not what is tried here."""
    # A quarter of the samples carry the ballast; three quarters of that no compressor can take away.
    world = run.make_world(sync="50ms", rate=4000, ballast=8000, size="64MiB")
    agent = world.agent
    agent.feed.more(500)
    agent.barrier()
    world.collector.hold()
    agent.feed.more(11_000, 300)
    agent.barrier(120)
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


@fault("spool-bit-flips", "bits flip in stored frames: they are declared lost, never sent as data", 40)
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


@fault("spool-cursor-lost", "the spool's cursor is overwritten with noise: frames are sent again, and counted once", 40)
def spool_cursor_lost(run):
    world = _with_backlog(run)
    (world.agent.spool / "cursor").write_bytes(run.random.randbytes(8192))
    _go_on(world)


@fault("spool-segment-lost", "a segment of the spool is gone: what it held is declared lost", 40)
def spool_segment_lost(run):
    world = _with_backlog(run)
    path, _ = run.random.choice(_metric_segments(world.agent.spool)[1:])
    path.unlink()
    _go_on(world)


@fault(
    "spool-segment-cut", "a segment of the spool is cut off in the middle: what is behind the cut is declared lost", 40
)
def spool_segment_cut(run):
    world = _with_backlog(run)
    path, part = run.random.choice(_metric_segments(world.agent.spool))
    with open(path, "r+b") as file:
        file.truncate(part.records[len(part.records) // 2][1] + 10)
    _go_on(world)


def _refuses(daemon, path):
    """Starts under a device that does not read `path`: the program must end with an error that names it, and change nothing."""
    before = path.read_bytes()
    life = daemon.start(strace(["pread64:error=EIO:when=1+"], paths=[path]))
    if not life.done.wait(30) or life.status in (0, None) or path.name not in life.log:
        raise AssertionError(f"{daemon.name} goes on without {path.name}, or does not say what is wrong: {life.status}")
    if path.read_bytes() != before:
        raise AssertionError(f"{path.name} was changed")


@fault("spool-bad-sector", "a segment of the spool cannot be read (EIO): the agent says which, and keeps it", 40)
def spool_bad_sector(run):
    check_strace()
    world = _with_backlog(run)
    world.must_not_declare = True
    path, _ = _metric_segments(world.agent.spool)[0]
    _refuses(world.agent, path)
    _go_on(world)


@fault("archive-bad-sector", "a segment of the archive cannot be read (EIO): the collector says which, and keeps it", 20)
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
    _refuses(world.collector, min(world.archive.glob("*.segment")))
    world.hurt()
    world.start_collector()
    world.agent.feed.more(500)

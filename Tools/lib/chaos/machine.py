"""What faults need of the machine: disks to cut off and fill, limits, injection into system calls, false clocks."""

import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import time


class Skipped(Exception):
    """The machine does not let this fault be injected; the message says why."""


def need(program, package):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if not path:
        raise Skipped(f"no {program} here; install {package}")
    return path


def need_root():
    if os.geteuid() != 0:
        raise Skipped("needs root")


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise OSError(f"{command[0]}: {(result.stderr.strip().splitlines() or ['failed'])[0]}")
    return result.stdout


class Disk:
    """An ext4 file system in a file."""

    # EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (fs/ext4/ext4.h): what was not synchronized is gone.
    _SHUTDOWN = 0x8004587D
    _NO_LOG_FLUSH = 2

    def __init__(self, folder, name, megabytes=96):
        need_root()
        self.path = folder / name
        self.image = folder / f"{name}.img"
        self.path.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(megabytes << 20)
        mkfs = need("mkfs.ext4", "e2fsprogs")
        run(mkfs, "-q", "-F", "-m", "0", self.image)
        self.mount()

    def mount(self):
        try:
            run("mount", "-o", "loop", self.image, self.path)
        except OSError as error:
            raise Skipped(f"no loop mount: {error}") from error

    def unmount(self):
        end = time.monotonic() + 10
        while True:
            try:
                return run("umount", self.path)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def cut(self):
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, self._SHUTDOWN, struct.pack("I", self._NO_LOG_FLUSH))
        except OSError as error:
            raise Skipped(f"no EXT4_IOC_SHUTDOWN: {error}") from error
        finally:
            os.close(descriptor)

    def abort(self):
        """Read-only by ext4's own decision, as after an I/O error in its journal; open writers do not prevent it."""
        run("mount", "-o", "remount,abort", self.path)


class Tmpfs:
    """A file system in memory, of a size."""

    def __init__(self, folder, name, megabytes):
        need_root()
        self.path = folder / name
        self.path.mkdir()
        try:
            run("mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "tmpfs", self.path)
        except OSError as error:
            raise Skipped(f"no tmpfs mount: {error}") from error
        self.filler = self.path / "filler"

    def resize(self, megabytes):
        run("mount", "-o", f"remount,size={megabytes}M", self.path)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                for size in (1 << 20, 4096):
                    try:
                        while True:
                            file.write(bytes(size))
                    except OSError:
                        continue
            finally:
                pass

    def empty(self):
        self.filler.unlink()


def unmount_all(folder):
    """Unmounts whatever is mounted below `folder`, the last first."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        points = [row.split()[1] for row in file]
    for point in reversed(points):
        if point.startswith(f"{folder}/"):
            subprocess.run(["umount", point], capture_output=True, check=False)
            subprocess.run(["umount", "-l", point], capture_output=True, check=False)


def strace(inject, log="/dev/null", paths=()):
    """A command prefix under which a program's system calls fail, or kill it, as `inject` says (`-e inject=…`).

    `paths`: only the calls that are about these files."""
    path = need("strace", "strace")
    calls = sorted({name for rule in inject for name in rule.split(":")[0].split(",")})
    rules = [part for rule in inject for part in ("-e", f"inject={rule}")]
    # -D: the program is our child and strace is not, so that signals and its end are its own.
    files = [part for name in paths for part in ("-P", str(name))]
    return [path, "-f", "-D", "-qq", "-o", str(log), *files, "-e", f"trace={','.join(calls)}", *rules]


def check_strace():
    result = subprocess.run(
        [*strace(["fdatasync:error=EIO:when=1"]), "true"], capture_output=True, text=True, timeout=20, check=False
    )
    if result.returncode != 0:
        raise Skipped(f"strace cannot trace here: {result.stderr.strip()[:80]}")


# libfaketime changes the environment when it is first loaded, and a Swift program then looks for its arguments in the
# wrong place. The second time, in the program that this one turns into, it finds everything set.
FALSE_CLOCK_PREFIX = ["env"]


def false_clock(setting):
    """The environment in which a program reads another wall clock; see faketime(1) for the setting.

    To be used with the prefix `FALSE_CLOCK_PREFIX`."""
    for folder in sorted(pathlib.Path("/usr/lib").glob("*/faketime")):
        library = folder / "libfaketimeMT.so.1"
        if library.exists():
            return {
                "LD_PRELOAD": str(library),
                "FAKETIME": setting,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_NO_CACHE": "1",
                # Or waits by the monotonic clock end at once, or never.
                "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            }
    raise Skipped("no libfaketime here; install faketime")


def forget_clock(pid):
    """Removes what libfaketime leaves behind of a process that was killed."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        pathlib.Path("/dev/shm", name).unlink(missing_ok=True)


def limit(pid, what, value):
    """prlimit of a running process, soft only; returns the limit before."""
    import resource

    kind = getattr(resource, f"RLIMIT_{what}")
    soft, hard = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (value, hard))
    return soft


class MemoryGroup:
    """A memory cgroup, version 1 or 2."""

    def __init__(self, name):
        need_root()
        first, second = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")
        self.is_first = (first / "memory.limit_in_bytes").exists()
        root = first if self.is_first else second
        if not self.is_first and "memory" not in _text(second / "cgroup.subtree_control"):
            raise Skipped("no memory cgroup")
        self.path = root / name
        try:
            self.path.mkdir()
        except OSError as error:
            raise Skipped(f"no memory cgroup: {error}") from error

    def add(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid))

    def limit(self, size):
        (self.path / ("memory.limit_in_bytes" if self.is_first else "memory.max")).write_text(str(size))

    @property
    def kills(self):
        events = _text(self.path / ("memory.oom_control" if self.is_first else "memory.events"))
        return next((int(row.split()[1]) for row in events.splitlines() if row.startswith("oom_kill ")), 0)

    def remove(self):
        end = time.monotonic() + 10
        while self.path.exists():
            try:
                self.path.rmdir()
            except OSError:
                if time.monotonic() > end:
                    return
                time.sleep(0.1)


def _text(path):
    try:
        return path.read_text()
    except OSError:
        return ""


def resident(pid):
    """Resident memory in bytes."""
    rows = _text(pathlib.Path(f"/proc/{pid}/status")).splitlines()
    return next((int(row.split()[1]) * 1024 for row in rows if row.startswith("VmRSS:")), 0)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


SHORT_WRITES = pathlib.Path(__file__).with_name("short_writes.c")


def short_writes(folder):
    """The environment in which every few writes of a program are cut short, as POSIX allows."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Skipped("no C compiler for short_writes.c; install gcc")
    library = folder / "short_writes.so"
    run(compiler, "-O1", "-shared", "-fPIC", "-o", library, SHORT_WRITES, "-ldl")
    return {"LD_PRELOAD": str(library)}

"""What the kernel says of a process: what `edge`, `load` and `footprint` measure alike."""

import os
import re
from pathlib import Path


def resident(pid):
    """Bytes, without the cost of asking for more: in all, and of them those that are no file's (heap and stacks)."""
    _, total, of_files = (int(pages) for pages in Path(f"/proc/{pid}/statm").read_text().split()[:3])
    return total * os.sysconf("SC_PAGE_SIZE"), (total - of_files) * os.sysconf("SC_PAGE_SIZE")


def process_figures(pid):
    """Sums over its threads where it says it by thread."""
    cpu = switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            # The first number is nanoseconds on a core, user and system together: finer than the ticks of 10 ms in 'stat'.
            cpu += int((task / "schedstat").read_text().split()[0])
            switches += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
        except FileNotFoundError:
            continue
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    memory = dict(re.findall(r"^(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M))
    writes = dict(re.findall(r"^(\w+): (\d+)", Path(f"/proc/{pid}/io").read_text(), re.M))
    return {
        "cpu_ns": cpu,
        "stat_ns": ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK"),
        "switches": switches,
        "threads": int(fields[17]),
        "resident": int(memory["Rss"]) * 1024,
        "private_dirty": int(memory["Private_Dirty"]) * 1024,
        "written": int(writes["write_bytes"]),
    }

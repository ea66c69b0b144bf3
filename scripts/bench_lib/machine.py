"""What the figures were measured on."""
import datetime
import os
import platform
import re
import subprocess
from pathlib import Path


def first_match(pattern, path):
    found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    return found[1].strip() if found else "?"


def filesystem_of(directory):
    out = subprocess.run(["df", "--output=fstype", str(directory)], capture_output=True, text=True,
                         check=False).stdout.split()
    return out[-1] if out else "?"


def describe(directory, postgres):
    kib = int(first_match(r"^MemTotal:\s+(\d+)", "/proc/meminfo"))
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "processor": first_match(r"^model name\s*:(.*)$", "/proc/cpuinfo"),
        "memory_gib": round(kib / 1024 / 1024, 1),
        "kernel": platform.release(),
        "filesystem": filesystem_of(directory),
        "load_average_before": os.getloadavg()[0],
        "postgresql": postgres.version(),
        "postgresql_settings": postgres.durability(),
    }


def text_of(m):
    settings = ", ".join(f"{k}={v}" for k, v in m["postgresql_settings"].items())
    return (f"{m['date']}; {m['cores']} cores ({m['processor']}), {m['memory_gib']} GiB, "
            f"Linux {m['kernel']}, {m['filesystem']}, "
            f"load average {m['load_average_before']:.1f} before\n"
            f"PostgreSQL {m['postgresql']}: {settings}")

"""What the bench starts: every process is known by its id and is stopped by it."""
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


class BenchError(Exception):
    """Ends the bench with one line."""


def say(text):
    """A progress line; standard output is for the table."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(command, **options):
    """Runs a command to its end and returns what it printed; its failure is a BenchError."""
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise BenchError(f"{command[0]} ended with {done.returncode}: " + " | ".join(tail))
    return done.stdout


class Process:
    """A child in a session of its own, so that Ctrl-C reaches the bench first."""

    def __init__(self, name, command, log, **options):
        self.name, self.log = name, Path(log)
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(
                [str(x) for x in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **options)
        self.pid = self.child.pid

    def require_running(self):
        if self.child.poll() is not None:
            raise BenchError(f"{self.name} ended with {self.child.returncode}; "
                             f"its last lines:\n{self.last_lines()}")

    def last_lines(self, count=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def stop(self, how=signal.SIGTERM, seconds=30):
        """Ends it and returns its exit code; None if it had to be killed."""
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                return None
        return self.child.returncode

    def memory(self):
        """Resident MiB now and at its highest."""
        found = {}
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
        return found["VmRSS"], found["VmHWM"]

    def cpu_seconds(self):
        """CPU time of this process and of the children that live now."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(cpu_seconds_of(pid) for pid in [self.pid, *children])


def cpu_seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until(ready, seconds, what, process=None, step=0.02):
    """Asks `ready` until it says yes; a BenchError when time is up or the process has ended."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process is not None:
            process.require_running()
        if time.monotonic() > deadline:
            raise BenchError(f"{what}: not within {seconds} s")
        time.sleep(step)

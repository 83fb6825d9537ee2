"""A renderer in a process of its own, which renders its file once for each line."""

import subprocess
import time
from pathlib import Path


class Contestant:
    def __init__(self, command, out):
        self.out = Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # The kernel's clock of another process (clock_getcpuclockid): user and system, all threads, in nanoseconds.
        self.clock = (~self.process.pid << 3) | 2
        self.times = []

    def render(self, counted=True):
        begin = time.clock_gettime(self.clock)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "rendered":
            raise RuntimeError(f"{self.process.args} failed")
        if counted:
            self.times.append((time.clock_gettime(self.clock) - begin) * 1e3)

    def end(self):
        """Its peak memory in MB; the variants are written then."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        self.process.stdin.close()
        if self.process.wait(60) != 0:
            raise RuntimeError(f"{self.process.args} ended with {self.process.returncode}")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def variant(self, which):
        return next(path for path in self.out.iterdir() if f"{which}." in path.name)

"""Our own programs on the private services: two apis and two workers, as they are started, stopped and killed.

The second api is `odd`: it has narrow limits and a clock that can be set. The third kind of worker is `narrow`: it has a second
for each image.
"""

import os
import signal
import subprocess
import urllib.request
from pathlib import Path

from waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug"
FOLDER = Path(os.environ["RESIZINATOR_DATA"])
PORT = int(os.environ["RESIZINATOR_SERVICES_PORT_BASE"]) + 10
PROMETHEUS, API, API_METRICS, ODD, ODD_METRICS, WORKER_1, WORKER_2, RECEIVER, DEAD = range(PORT, PORT + 9)
TARGETS = {
    "resizinator-api": [f"127.0.0.1:{API_METRICS}", f"127.0.0.1:{ODD_METRICS}"],
    "resizinator-worker": [f"127.0.0.1:{WORKER_1}", f"127.0.0.1:{WORKER_2}"],
}
CLOCK = FOLDER / "odd.clock"

SETTINGS = {
    "RESIZINATOR_WEBHOOK_TARGETS": "private",
    "RESIZINATOR_LEASE": "3",
    "RESIZINATOR_RETRY_DELAYS": "1,5",
    # A defect fails an image at once, and not after twenty minutes.
    "RESIZINATOR_MAX_ATTEMPTS": "1",
    "RESIZINATOR_SLOTS": "1",
}
SERVICES = ("DATABASE_URL", "QUEUE_URL", "STORAGE_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "RESIZINATOR_SECRET")


def environment(**more):
    services = {name: os.environ[name] for name in ("PATH", *SERVICES)}
    return {**services, **SETTINGS, **more}


class Process:
    def __init__(self, name, program, metrics, **settings):
        self.name, self.program, self.metrics, self.settings = name, program, metrics, settings
        self.process = None

    def start(self):
        listen = f"127.0.0.1:{self.metrics}"
        settings = environment(RESIZINATOR_METRICS_LISTEN=listen, RESIZINATOR_DATA=str(FOLDER / self.name), **self.settings)
        program = PROGRAMS / self.program
        with open(FOLDER / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen([program], env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def wait(self):
        wait_for(60, f"{self.name} to be ready", self.is_ready)
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"{self.name} has ended: see {FOLDER / self.name}.log."
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/readyz", timeout=5).status == 200
        except OSError:
            return False

    def end(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def faketime():
    """The variables that make a process follow the clock in the file CLOCK. Its monotonic clock stays right."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(CLOCK),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


class Stage:
    def __init__(self):
        set_clock(0)
        self.api = Process("api", "resizinator-api", API_METRICS, RESIZINATOR_LISTEN=f"127.0.0.1:{API}")
        self.odd = Process(
            "odd",
            "resizinator-api",
            ODD_METRICS,
            RESIZINATOR_LISTEN=f"127.0.0.1:{ODD}",
            RESIZINATOR_MAX_CONNECTIONS="4",
            RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS="4",
            # The limit for one address does not apply to a proxy, so that it is the other one that refuses.
            RESIZINATOR_TRUSTED_PROXIES="127.0.0.1",
            # More than any disk has.
            RESIZINATOR_MIN_FREE_DISK=str(1 << 50),
            **faketime(),
        )
        self.worker_1 = Process("worker-1", "resizinator-worker", WORKER_1)
        self.worker_2 = Process("worker-2", "resizinator-worker", WORKER_2)
        # In the place of the second worker, since Prometheus knows that one.
        self.narrow = Process(
            "narrow", "resizinator-worker", WORKER_2, RESIZINATOR_RENDER_TIMEOUT="1", RESIZINATOR_SLOTS="2"
        )
        self.all = [self.api, self.odd, self.worker_1, self.worker_2, self.narrow]

    def start(self):
        """The database is prepared by one of them alone, so that the others need not wait for it."""
        subprocess.run([PROGRAMS / "resizinator", "migrate"], env=environment(RESIZINATOR_DATA=str(FOLDER)), check=True)
        for process in (self.api, self.odd, self.worker_1, self.worker_2):
            process.start()
        for process in (self.api, self.odd, self.worker_1, self.worker_2):
            process.wait()

    def end(self):
        for process in self.all:
            process.end(signal.SIGKILL)


def set_clock(seconds):
    """Set by a rename, so that no process reads half a file."""
    new = CLOCK.with_suffix(".new")
    new.write_text(f"{seconds:+d}")
    new.rename(CLOCK)

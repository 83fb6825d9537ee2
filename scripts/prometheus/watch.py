"""Which alerts fire, seen from Prometheus twice a second, and what became of each."""

import re
import time
from threading import Event, Lock, Thread


class Watch:
    def __init__(self, prometheus):
        self.prometheus, self.begin = prometheus, time.monotonic()
        self.lock, self.stopping = Lock(), Event()
        self.firing, self.fired, self.resolved, self.words, self.error = set(), {}, {}, {}, None
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.wait(0.5):
            try:
                self.look()
            except Exception as error:
                self.error = error
                return

    def look(self):
        firing = set()
        for alert in self.prometheus.ask("alerts")["alerts"]:
            for text in alert["annotations"].values():
                assert text and not re.search(r"<error|<no value>|{{", text), f"An alert says {text!r}."
            if alert["state"] == "firing":
                name = alert["labels"]["alertname"]
                firing.add(name)
                self.words[name] = alert["annotations"]
        now = time.monotonic()
        with self.lock:
            for name in firing - self.firing:
                self.fired.setdefault(name, []).append(now)
            for name in self.firing - firing:
                self.resolved.setdefault(name, []).append(now)
            self.firing = firing

    def names(self):
        """What fires now."""
        assert self.error is None, f"The alerts could not be read: {self.error}"
        with self.lock:
            return set(self.firing)

    def stop(self):
        self.stopping.set()
        self.thread.join()

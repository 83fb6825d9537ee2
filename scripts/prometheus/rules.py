"""The rules of deploy/prometheus/alerts.yml as they are, and in a form in which their minutes are a second or two.

They are read as lines, since Python's library has no YAML: an alert is what begins with `- alert:`.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
TESTS = ROOT / "deploy/prometheus/alerts.test.yml"
MANUAL = ROOT / "docs/alerts.md"

# What else is smaller in the run, and why: alert, old text, new text, reason. What is not here keeps its threshold.
THRESHOLDS = [
    ("ResizinatorImagesStuck", "> 300", "> 5", "an age in seconds: its five minutes become five seconds too"),
    ("ResizinatorBacklogGrows", "> 120 *", "> 2 *", "seconds of work: its two minutes become two seconds too"),
    ("ResizinatorBacklogGrows", "> 100", "> 10", "a queue of ten is enough for seconds of work of a small worker"),
]


class Alert:
    def __init__(self, text):
        self.text = text
        self.name = re.search(r"- alert: (\w+)\n", text).group(1)
        self.severity = self.field("severity")
        self.pause = self.field("for")
        block = re.search(r"^( +)expr: \|\n((?:\1 .*\n)+)", text, re.MULTILINE)
        self.query = " ".join(block.group(2).split()) if block else self.field("expr")

    def field(self, name):
        found = re.search(rf"^ +{name}: (.+)$", self.text, re.MULTILINE)
        return found.group(1) if found else None


def parts():
    """What comes before the first alert, and the alerts."""
    first, *alerts = re.split(r"^(?=      - alert: )", ALERTS.read_text(), flags=re.MULTILINE)
    return first, alerts


def read():
    return [Alert(text) for text in parts()[1]]


def shortened():
    """The rules in a hurry, which cannot differ from the real ones in anything else.

    A minute of `for:` becomes a second. A minute of a window becomes two, since apis are scraped every three seconds, and the
    shortest window of a rate has to have some scrapes in it.
    """
    first, alerts = parts()
    for i, text in enumerate(alerts):
        name = Alert(text).name
        for alert, old, new, _ in THRESHOLDS:
            if alert == name:
                assert old in text, f"{name} has no {old!r} any more: change the table in {__file__}."
                text = text.replace(old, new)
        text = re.sub(r"(for: )(\d+)m\b", r"\1\2s", text)
        text = re.sub(r"(\[|offset )(\d+)m\b", lambda found: f"{found[1]}{2 * int(found[2])}s", text)
        left = re.findall(r"(?:for: |\[|offset )\d+[^s\d]", text)
        assert not left, f"{name} has durations in other units than minutes: {left}."
        alerts[i] = text
    return first + "".join(alerts)


def check():
    """Each alert has what an alert needs, a chapter in the manual, and a test in which it fires and others in which not."""
    alerts, manual, tests = read(), MANUAL.read_text(), TESTS.read_text()
    names = [alert.name for alert in alerts]
    assert len(set(names)) == len(names), "Two alerts have the same name."
    chapters = re.findall(r"^## (Resizinator\w+)$", manual, re.MULTILINE)
    differ = set(chapters) ^ set(names)
    assert chapters == names, f"docs/alerts.md and alerts.yml name different alerts, or in another order: {differ}"
    for alert in alerts:
        assert alert.severity in ("page", "ticket"), f"{alert.name} is neither a page nor a ticket."
        assert alert.pause, f"{alert.name} has no `for:`."
        assert alert.field("summary") and alert.field("description"), f"{alert.name} says nothing."
        assert alert.field("runbook") == f"docs/alerts.md#{alert.name.lower()}", f"{alert.name} names another chapter."
        chapter = manual.split(f"## {alert.name}\n")[1]
        word = chapter.strip().split("*")[1].rstrip(".").lower()
        assert word == alert.severity, f"docs/alerts.md calls {alert.name} a {word}."
        evaluations = re.findall(rf'expr: ALERTS{{alertname="{alert.name}".*\n( +exp_samples:)?', tests)
        fires = [i for i, samples in enumerate(evaluations) if samples]
        assert fires, f"No test has {alert.name} fire."
        assert not all(evaluations[fires[0] :]), f"No test has {alert.name} resolve."
        assert evaluations.count("") >= 3, f"No test has a near miss of {alert.name}."
    print(f"{len(alerts)} alerts have a test, a near miss and a chapter in docs/alerts.md")


if __name__ == "__main__":
    check()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(shortened())

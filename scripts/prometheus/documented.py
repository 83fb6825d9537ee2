"""What docs/metrics.md says of each metric: its type and its labels."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/metrics.md"
NAME = re.compile(r"`((?:resizinator|process)_\w+)(?:\{([\w,]+)\})?`")
SUFFIXES = {"counter": ("_total",), "info": ("_info",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


class Metric:
    def __init__(self, name, kind, labels):
        self.name, self.kind, self.labels = name, kind, frozenset(labels)
        # As a counter and an info stand in the table, their suffix is a part of the name.
        if kind in ("counter", "info"):
            assert name.endswith(SUFFIXES[kind]), f"docs/metrics.md: {name} is no name of a {kind}."
            self.series = [name]
        else:
            self.series = [name + suffix for suffix in SUFFIXES[kind]]
        self.family = name.removesuffix(SUFFIXES[kind][0]) if kind in ("counter", "info") else name


def read():
    metrics = []
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 3 or cells[1] not in SUFFIXES:
            continue
        found = NAME.findall(cells[0])
        assert found, f"docs/metrics.md: no name in {line!r}"
        metrics += [Metric(name, cells[1], filter(None, labels.split(","))) for name, labels in found]
    assert len(metrics) > 30, "docs/metrics.md has no tables of metrics any more."
    return metrics


def names_in(query):
    """The names of our metrics in a query."""
    return set(re.findall(r"\b(?:resizinator|process)_\w+", query))

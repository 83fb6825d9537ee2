"""What was scraped, held against docs/metrics.md."""

import documented
from load import WORD, strangers
from waiting import wait_for

OURS = '{__name__=~"(resizinator|process)_.*",job=~"resizinator.*"}'
# What Prometheus adds.
TARGET = {"__name__", "job", "instance"}
# A process has a few hundred; this leaves room for routes and codes to come.
MOST = 2000
EACH = f"count by (job, instance) ({OURS})"


types = {}


def note_types(prometheus):
    """Prometheus knows the types of what was in the last scrapes only, and a worker that has just started lacks some metrics."""
    types.update(prometheus.ask("metadata"))


def check_names(prometheus, begin, end):
    """Every documented metric was there, of its type and with its labels, and no other."""
    metrics = documented.read()
    found = {}
    for series in prometheus.ask("series", **{"match[]": OURS, "start": begin, "end": end}):
        labels = found.setdefault(series["__name__"], set())
        labels.add(frozenset(series.keys() - TARGET - {"le"}))
    problems = []
    for metric in metrics:
        for name in metric.series:
            if name not in found:
                problems.append(f"{name} is in docs/metrics.md and was never scraped.")
            elif set().union(*found[name]) != metric.labels:
                # Of a label that is empty Prometheus keeps nothing, so not every series has to have all of them.
                seen = sorted(set().union(*found[name]))
                problems.append(f"{name} has the labels {seen}, and docs/metrics.md says {sorted(metric.labels)}.")
        told = types.get(metric.family) or types.get(metric.name) or [{}]
        if told[0].get("type") != metric.kind or not told[0].get("help"):
            problems.append(f"{metric.family} is of the type {told[0]}, and docs/metrics.md says {metric.kind}.")
    known = {name for metric in metrics for name in metric.series}
    problems += [f"{name} was scraped and is not in docs/metrics.md." for name in sorted(found.keys() - known)]
    assert not problems, "\n".join(problems)
    print(f"All {len(metrics)} metrics of docs/metrics.md were scraped with their types and labels, and no others")


def check_bounds(prometheus, client):
    """What strangers send makes no series, and no label has a value of theirs."""

    def counts():
        return {(each["metric"]["job"], each["metric"]["instance"]): int(each["value"][1]) for each in prometheus.now(EACH)}

    def scraped(requests):
        """Waits until the api's own count has come to Prometheus."""
        return lambda: (prometheus.number('sum(resizinator_api_requests_total{route="unknown"})') or 0) >= requests

    strangers(client, 20)
    wait_for(10, "the requests of strangers to be counted", scraped(20))
    before = counts()
    strangers(client, 20)
    wait_for(10, "the requests of strangers to be counted", scraped(40))
    after = counts()
    apis = [target for target in after if target[0] == "resizinator-api"]
    grown = {target: (before[target], after[target]) for target in apis if after[target] > before[target]}
    assert not grown, f"Requests of strangers make series: {grown}"
    assert max(after.values()) <= MOST, f"A process has too many series: {after}"
    with_word = [series for series in prometheus.ask("series", **{"match[]": OURS}) if WORD in str(series)]
    assert not with_word, f"Clients have chosen labels: {with_word[:3]}"
    print(f"Strangers made no series; the processes have {min(after.values())} to {max(after.values())} each")

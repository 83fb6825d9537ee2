"""A real run: a Prometheus scrapes two apis and two workers, things go well for a while, and then each alert is made to fire.

Needs private services (scripts/check-prometheus.sh) and the programs of the debug build.
"""

import signal
import sys
import time

import dashboard
import documented
import files
import rules
import series
import services
from client import Client
from load import Load
from prometheus import Prometheus
from stage import API, FOLDER, PROMETHEUS, ROOT, TARGETS, Stage
from troubles import SCENES
from waiting import wait_for
from watch import Watch

# Queries of the dashboard that have no data while all is well, and why.
QUIET = {
    "ALERTS{": "there are no alerts",
    "changes(process_start_time_seconds": "no process is started anew",
}
# Longer than the longest `for:` of the shortened rules, and some scrapes more.
GOOD_SECONDS = 20


def warm_up(client):
    """One file of each kind, so that each kind of end is seen."""
    sample = (ROOT / "samples/seeding_16mp_cc0.jpg").read_bytes()
    ready = [client.upload("sample.jpg", sample), client.upload("small.png", files.png(640, 480))]
    status, broken = client.upload("broken.png", files.broken_png())
    assert status == 201, f"The broken file was answered {status}."
    for status, image in ready:
        assert status == 201, f"An upload was answered {status}."
        assert client.finished(image)["state"] == "ready"
    assert client.finished(broken)["error"]["code"] == "decode_failed"


def check_good_times(prometheus, watch, begin):
    """Nothing fires, and the dashboard shows something everywhere."""
    time.sleep(max(0, begin + GOOD_SECONDS - time.time()))
    assert not watch.fired, f"Alerts fire although all is well: {sorted(watch.fired)}"
    wrong = []
    for title, query in dashboard.queries():
        quiet = [reason for part, reason in QUIET.items() if part in query]
        if prometheus.ever(query, begin, time.time()) == bool(quiet):
            wrong.append(f"{title}: {query} " + ("has data" if quiet else "has no data") + " while all is well.")
    assert not wrong, "\n".join(wrong)
    print(f"Nothing fires while all is well, and {len(dashboard.queries()) - len(QUIET)} queries of the dashboard have data")


def play(scene, stage, client, prometheus, watch):
    print(f"{scene.title} ...", flush=True)
    wait_for(40, f"{scene.alerts} to be silent before", lambda: not watch.names() & set(scene.alerts))
    begin = time.monotonic()
    going = [trouble(stage, client) for trouble in scene.troubles]
    for trouble in going:
        next(trouble)
    for alert in scene.alerts:
        wait_for(60, f"{alert} to fire", lambda: any(moment > begin for moment in watch.fired.get(alert, [])))
        first = next(moment for moment in watch.fired[alert] if moment > begin)
        print(f"  {alert} fires after {first - begin:.0f} s: {watch.words[alert]['summary']}", flush=True)
    series.note_types(prometheus)
    for trouble in going:
        for _ in trouble:
            raise AssertionError("A trouble has two ends.")


def check_resolved(watch):
    alerts = [alert for scene in SCENES for alert in scene.alerts]
    for alert in alerts:
        wait_for(60, f"{alert} to resolve", lambda: alert not in watch.names() and watch.resolved.get(alert))
    wait_for(60, "all alerts to be silent", lambda: not watch.names())
    print(f"{len(alerts)} alerts have fired and resolved, all of them by a real cause and none by a stand-in")


def check_queries(prometheus, begin, end):
    """Every query and every expression of an alert has had data in this run, and names metrics that exist."""
    known = {name for metric in documented.read() for name in metric.series}
    asked = dashboard.queries() + [(alert.name, alert.query) for alert in map(rules.Alert, rules_in_seconds())]
    wrong = []
    for title, query in asked:
        unknown = documented.names_in(query) - known
        if unknown:
            wrong.append(f"{title} asks for {sorted(unknown)}, which docs/metrics.md does not have.")
        elif not prometheus.ever(query, begin, end):
            wrong.append(f"{title}: {query} has had no data.")
    assert not wrong, "\n".join(wrong)
    print(f"All {len(asked)} queries of the dashboard and the alerts have had data")


def rules_in_seconds():
    return ["      - alert:" + text for text in rules.shortened().split("      - alert:")[1:]]


def main():
    alerts = {alert.name for alert in rules.read()}
    played = {alert for scene in SCENES for alert in scene.alerts}
    assert alerts == played, f"No scene raises {sorted(alerts - played)}; no such alerts: {sorted(played - alerts)}."
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stage, prometheus, watch, load = Stage(), None, None, None
    try:
        stage.start()
        begin = time.time()
        prometheus = Prometheus(PROMETHEUS, FOLDER / "prometheus", rules.shortened(), TARGETS)
        targets = sum(map(len, TARGETS.values()))
        wait_for(20, "all processes to be scraped", lambda: prometheus.number("sum(up)") == targets)
        client = Client(API)
        warm_up(client)
        load = Load(client)
        watch = Watch(prometheus)
        series.check_bounds(prometheus, client)
        check_good_times(prometheus, watch, time.time())
        for scene in SCENES:
            play(scene, stage, client, prometheus, watch)
        check_resolved(watch)
        end = time.time()
        check_queries(prometheus, begin, end)
        series.check_names(prometheus, begin, end)
        others = {name: len(moments) for name, moments in watch.fired.items() if len(moments) > 1}
        print(f"The run took {end - begin:.0f} s. More than once fired: {others or 'none'}")
    except AssertionError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    finally:
        # Stopped processes cannot be ended in good order.
        services.continue_database()
        if load:
            load.stop()
        if watch:
            watch.stop()
        stage.end()
        if prometheus:
            prometheus.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The queries of deploy/grafana/dashboard.json, and whether the file is one that Grafana can be given."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "deploy/grafana/dashboard.json"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What Grafana would put in is four times the interval of the scrapes, or a little less.
RATE_INTERVAL = "10s"


def read():
    return json.loads(FILE.read_text())


def queries():
    """Title of the panel and query, of all panels and annotations."""
    dashboard = read()
    found = []
    for panel in dashboard["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    found += [(annotation["name"], annotation["expr"]) for annotation in dashboard["annotations"]["list"]]
    return [(title, query.replace("$__rate_interval", RATE_INTERVAL)) for title, query in found]


def check():
    dashboard = read()
    assert dashboard["uid"] and dashboard["title"]
    assert [variable["type"] for variable in dashboard["templating"]["list"]] == ["datasource"]
    panels = dashboard["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids), "Two panels have the same id."
    places = set()
    for panel in panels:
        title, at = panel["title"], panel["gridPos"]
        squares = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not squares & places and at["x"] + at["w"] <= 24, f"The panel {title!r} lies on another one, or outside."
        places |= squares
        if panel["type"] == "row":
            continue
        assert panel["datasource"] == SOURCE, f"The panel {title!r} has a data source of its own."
        assert panel["fieldConfig"]["defaults"].get("unit"), f"The panel {title!r} has no unit."
        assert panel["targets"], f"The panel {title!r} asks nothing."
        for target in panel["targets"]:
            assert len(panel["targets"]) == 1 or target.get("legendFormat"), f"A line of {title!r} has no name."
    left = [query for _, query in queries() if "$" in query]
    assert not left, f"Queries with unknown variables: {left}"
    print(f"The dashboard has {sum(panel['type'] != 'row' for panel in panels)} panels with {len(queries())} queries")


if __name__ == "__main__":
    check()

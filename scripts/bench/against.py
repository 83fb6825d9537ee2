"""Prints the medians of two commits and their ratios, from what scripts/bench/against.sh has measured."""

import re
import statistics
import sys
from pathlib import Path


def tables(text):
    """All rows of all tables, each as a dict by the names of its columns."""
    names = None
    for line in text.splitlines():
        if not line.startswith("|"):
            names = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if names is None:
            names = cells
        elif not set(cells[0]) <= set("- "):
            row = {}
            # Two columns are called "store", of which the first has its name.
            for name, cell in zip(names, cells):
                row.setdefault(name, cell)
            yield row


def figures(text):
    """The figures of one run by their names."""
    found = {}
    for row in tables(text):
        if row.get("load", "").startswith("closed"):
            what = f"{row['store']}, {row['file']}"
            if "images/s" in row:
                found[f"{what}: images/s"] = number(row["images/s"])
            if "renderers" in row:
                for part in ("api", "worker", "renderers", "database", "broker", "all parts"):
                    found[f"{what}: CPU of {part}, ms an image"] = number(row[part])
        what = row.get("what", "")
        if "upload of" in what and "bare put" in row.get("reference in this run", ""):
            found[f"{what}, CPU of the api, ms"] = number(row["measured"])
        information = row.get("for information", "")
        if "201 → ready" in information:
            found[f"{information}, p50 of the commit, ms"] = number(list(row.values())[1].split(",")[1])
    return found


def number(text):
    return float(re.search(r"[\d.]+", text).group())


def main():
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    runs = {
        which: [figures((folder / f"{which}.{number}.md").read_text()) for number in range(1, rounds + 1)]
        for which in ("before", "after")
    }
    print("| what | before | after | after / before |\n| --- | ---: | ---: | ---: |")
    for name in runs["after"][0]:
        before, after = (statistics.median(run[name] for run in runs[which]) for which in ("before", "after"))
        print(f"| {name} | {before:.2f} | {after:.2f} | {after / before:.2f} |")


main()

"""Measures our rendering, sharp's and Pillow's, in turns, and prints tables in Markdown. See render.sh."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import geometric_mean, median

from PIL import Image, __version__ as pillow_version

import quality
from contestant import Contestant

HERE = Path(__file__).parent
WARM = 3
WEBP_QUALITY = 80


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--render", type=Path, required=True)
    parser.add_argument("--sharp", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    # One thread each: for libvips, for what numpy brings, for node's pool.
    os.environ |= {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "UV_THREADPOOL_SIZE": "1"}

    files = [path for path in sorted(arguments.photos.iterdir()) if not arguments.names or path.name in arguments.names]
    rows = []
    for file in files:
        rows.append(measured(arguments, file))
        print(f"{file.name} is measured", file=sys.stderr)
    versions(arguments)
    table_of_time(rows)
    table_of_quality(rows)


def measured(arguments, file):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        probe = Contestant([arguments.render, "--serve", file, "--out", folder / "probe"], folder / "probe")
        probe.render()
        probe.end()
        sizes = {which: Image.open(probe.variant(which)).size for which in ("medium", "small")}
        teams = started(arguments, file, probe.variant("medium"), folder)
        for _ in range(WARM):
            for team in teams.values():
                team.render(counted=False)
        for _ in range(arguments.rounds):
            for team in teams.values():
                team.render()
        row = {"file": file.name, "cpu": {}, "peak": {}, "quality": {}}
        for name, team in teams.items():
            row["cpu"][name], row["peak"][name] = median(team.times), team.end()
        references = {which: quality.reference(file, size) for which, size in sizes.items()}
        for name, team in teams.items():
            if name != "floor":
                row["quality"][name] = {which: judged(team.variant(which), image) for which, image in references.items()}
        subprocess.run([arguments.render, "--pixels", file, "--out", folder / "pixels"], check=True)
        for which, image in references.items():
            pixels = Image.open(folder / "pixels" / f"{which}.png")
            exact = {"psnr": quality.decibels(quality.mean_square(pixels, image)), "ssim": quality.ssim(pixels, image)}
            row["quality"]["ours"][which]["exact"] = exact
        return row


def started(arguments, file, ours, folder):
    """Everybody writes what we write, in our JPEG quality."""
    form = Image.open(ours).format.lower()
    if form == "jpeg":
        number = quality.jpeg_quality(ours) or 85
        for_sharp, for_pillow = {"quality": number, "chromaSubsampling": "4:2:0"}, {"quality": number, "optimize": True}
    elif form == "webp":
        lossless = b"VP8L" in ours.read_bytes()[:64]
        for_sharp = for_pillow = {"quality": WEBP_QUALITY, "lossless": lossless}
    else:
        for_sharp, for_pillow = {}, {}
    commands = {"ours": [arguments.render, "--serve", file, "--out", folder / "ours"]}
    if (arguments.sharp / "node_modules").is_dir():
        for name, way in (("sharp, two", "two"), ("sharp, small of medium", "medium-first")):
            choices = json.dumps({"format": form, "options": for_sharp})
            commands[name] = ["node", HERE / "sharp.mjs", arguments.sharp, file, folder / name, way, choices]
    choices = {"format": form, "options": for_pillow}
    commands["Pillow"] = [sys.executable, HERE / "pillow.py", file, folder / "Pillow", json.dumps(choices)]
    if file.suffix == ".jpg":
        commands["floor"] = [sys.executable, HERE / "pillow.py", file, folder / "floor", json.dumps({"floor": True})]
    return {name: Contestant(command, folder / name) for name, command in commands.items()}


def judged(path, reference):
    image = Image.open(path)
    if image.size != reference.size:
        # Peers round the width otherwise; by a pixel, which is no fault.
        reference = reference.resize(image.size, Image.Resampling.LANCZOS)
    total = quality.mean_square(image, reference)
    coding = quality.mean_square(quality.coded_like(reference, path), reference)
    return {
        "psnr": quality.decibels(total),
        "ssim": quality.ssim(image, reference),
        "coding": quality.decibels(coding),
        "before": quality.decibels(max(total - coding, 0)),
        "bytes": path.stat().st_size,
    }


def versions(arguments):
    sharp = arguments.sharp / "node_modules/sharp/package.json"
    sharp = f"sharp {json.loads(sharp.read_text())['version']}" if sharp.is_file() else "no sharp"
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    print(f"\n{sharp}, Pillow {pillow_version}; {cpu or platform.machine()}; medians of {arguments.rounds}.\n")


def best_peer(row):
    return min(value for name, value in row["cpu"].items() if name not in ("ours", "floor"))


def table_of_time(rows):
    teams = [name for name in ("ours", "sharp, two", "sharp, small of medium", "Pillow", "floor") if any(name in row["cpu"] for row in rows)]
    print("CPU ms per image (user and system, whole process), and peak memory of the process in MB:\n")
    print(f"| photograph | {' | '.join(teams)} | ours / best peer | ours / floor | peak: ours | {' | '.join('peak: ' + name for name in teams if name not in ('ours', 'floor'))} |")
    print("|" + " --- |" * (len(teams) * 2 + 2 - ("floor" in teams)))
    for row in rows:
        cpu = [f"{row['cpu'][name]:.1f}" if name in row["cpu"] else "–" for name in teams]
        floor = f"{row['cpu']['ours'] / row['cpu']['floor']:.2f}" if "floor" in row["cpu"] else "–"
        peaks = [f"{row['peak'][name]:.0f}" if name in row["peak"] else "–" for name in teams if name != "floor"]
        print(f"| {row['file']} | {' | '.join(cpu)} | {row['cpu']['ours'] / best_peer(row):.2f} | {floor} | {' | '.join(peaks)} |")
    kinds = {
        "baseline JPEG from 1 MP": lambda name: name.endswith(".jpg") and "progressive" not in name and "528" not in name and "seeding" not in name,
        "progressive JPEG": lambda name: "progressive" in name or "seeding" in name,
        "PNG": lambda name: name.endswith(".png"),
        "WebP": lambda name: name.endswith(".webp"),
    }
    print()
    for kind, belongs in kinds.items():
        if ratios := [row["cpu"]["ours"] / best_peer(row) for row in rows if belongs(row["file"])]:
            print(f"- {kind}: {geometric_mean(ratios):.2f} × the best peer over all, {max(ratios):.2f} × at worst.")


def table_of_quality(rows):
    print("\nOurs before encoding, against the full-resolution decode resized in one step:\n")
    print("| photograph | medium: PSNR | SSIM | small: PSNR | SSIM |")
    print("|" + " --- |" * 5)
    for row in rows:
        exact = [row["quality"]["ours"][which]["exact"] for which in ("medium", "small")]
        cells = [f"{value['psnr']:.1f} | {value['ssim']:.4f}" for value in exact]
        print(f"| {row['file']} | {' | '.join(cells)} |")
    print(
        "\nEncoded, against the same. *before* is what the PSNR comes to when the error that Pillow's encoder adds to the"
        "\nreference with the same tables is taken away: an estimate for the peers.\n"
    )
    print("| photograph | by | medium: PSNR | before | SSIM | bytes | small: PSNR | before | SSIM | bytes |")
    print("|" + " --- |" * 10)
    for row in rows:
        for name, variants in row["quality"].items():
            cells = [
                f"{v['psnr']:.1f} | {v['before']:.1f} | {v['ssim']:.3f} | {v['bytes']:,}" for v in (variants["medium"], variants["small"])
            ]
            print(f"| {row['file']} | {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

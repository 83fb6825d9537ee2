"""Renders images with our pipeline and holds every variant against an independent decoder's rendering.

    compare.py --render PROGRAM --out DIR FOLDER...

Any folder in them may hold `expected.json`: {file: {"like": file}}, what it has to look like, with "rows" if that holds
only for this upper part of it; {"refused": [codes]}; or {"either": true} if both will do. `refusals.txt` beside this program lists files of known collections
that we refuse although some decoder reads them, with the reason. Exits with 1 if anything is wrong.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageSequence

import gif
import measure
import reference
from moving import Moving
from size import HEIGHTS, variant_size

HERE = Path(__file__).parent
FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "png", "DIB": "png", "TIFF": "png", "AVIF": "png"}
SECONDS = 60


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--render", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--all", action="store_true", help="also list what is right")
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    accepted = accepted_refusals()

    jobs = [job for folder in arguments.folders for job in files(folder)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda job: judged(arguments, accepted, *job), jobs))
    for name, verdict, detail in results:
        if arguments.all or verdict not in ("right", "refused"):
            print(f"{verdict:9} {name:60} {detail}")
    counts = Counter(verdict for _, verdict, _ in results)
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    sys.exit(1 if counts["WRONG"] or not jobs else 0)


def files(folder):
    """[(name below the folder, path, expectation)]"""
    expected = {}
    for file in folder.rglob("expected.json"):
        expected |= {file.parent / name: what for name, what in json.loads(file.read_text()).items()}
    return [
        (str(path.relative_to(folder)), path, expected.get(path, {}))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in (".md", ".json") and path.parent.name != "truth"
    ]


def accepted_refusals():
    lines = (HERE / "refusals.txt").read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def judged(arguments, accepted, name, path, expectation):
    """(name, verdict, detail)"""
    command = [arguments.render, "--out", arguments.out / path.parent.name, path]
    try:
        run = subprocess.run(command, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return name, "WRONG", f"still rendering after {SECONDS} s"
    if run.returncode != 0:
        return name, "WRONG", f"the renderer ended with {run.returncode}: {run.stderr.decode()[-200:].strip()}"
    line = json.loads(run.stdout)
    try:
        if "error" in line:
            return name, *refusal(line, accepted, path, expectation)
        return name, *rendering(line, path, expectation)
    except Exception as error:
        return name, "WRONG", f"cannot be compared: {type(error).__name__}: {error}"


def refusal(line, accepted, path, expectation):
    code, sentence = line["error"]["code"], line["error"]["sentence"]
    told = f"{code}: {sentence}"
    # What the header shows, the upload has to be refused for: never 201 and then `failed`.
    if code == "unsupported_feature" and line["accepted"]:
        return "WRONG", f"accepted at upload, and then {told}"
    if code == "panic":
        return "WRONG", told
    if not re.fullmatch("[a-z][a-z_]+", code) or not re.fullmatch(r"[A-Z][^\n{}]{15,200}\.", sentence):
        return "WRONG", f"no code and sentence: {told}"
    if "either" in expectation:
        return "refused", told
    if "refused" in expectation:
        right = code in expectation["refused"]
        return "refused" if right else "WRONG", told if right else f"{told} – not {expectation['refused']}"
    if "like" not in expectation:
        if reason := accepted.get(path.name):
            return "refused", f"{told} ({reason})"
        readable, _ = reference.readings(path)
        if not readable:
            return "refused", told
        return "WRONG", f"{told} – but read by {', '.join(decoder for decoder, _ in readable)}"
    return "WRONG", told


def rendering(line, path, expectation):
    if "either" in expectation:
        return "right", "rendered"
    if "refused" in expectation:
        return "WRONG", f"rendered, though it had to be refused as {expectation['refused']}"
    if "like" in expectation:
        readings = [(expectation["like"], reference.with_pillow((path.parent / expectation["like"]).read_bytes()))]
        failed = []
    else:
        readings, failed = reference.readings(path)
    if not readings:
        return "unchecked", f"rendered, but read by no other decoder: {'; '.join(failed)}"
    complaints = []
    for decoder, moving in readings:
        notes, wrong = [], []
        for which, target in HEIGHTS.items():
            psnr, problems = compared(line[which], moving, target, path, expectation.get("rows", 1))
            notes.append(f"{which} {psnr:.1f} dB")
            wrong += [f"{which}: {problem}" for problem in problems]
        if not wrong:
            return "right", f"{', '.join(notes)} ({decoder})"
        complaints.append(f"by {decoder}: {'; '.join(wrong)}")
    return "WRONG", " | ".join(complaints)


def compared(variant, moving, target, path, rows):
    """(the lowest PSNR of a frame, every complaint)"""
    problems = []
    data = Path(variant["file"]).read_bytes()
    image = Image.open(Path(variant["file"]))
    form = FORMATS[image.format]
    original = FORMATS[Image.open(path).format] if path_opens(path) else form
    if form != original or form != variant["format"]:
        problems.append(f"is a {form}, announced as {variant['format']}, of a {original}")
    if kept := [key for key in ("icc_profile", "exif", "xmp", "photoshop", "comment") if image.info.get(key)]:
        problems.append(f"carries {', '.join(kept)}")
    if image.mode not in ("L", "LA", "RGB", "RGBA", "P", "PA", "1"):
        problems.append(f"has the mode {image.mode}")

    size = variant_size(*moving.size, target)
    if image.size != size or (variant["width"], variant["height"]) != size:
        problems.append(f"is {image.size}, announced as {variant['width']}×{variant['height']}, instead of {size}")
        return 0.0, problems

    shown = decoded(image, data, form)
    if len(shown.frames) != len(moving.frames):
        problems.append(f"has {len(shown.frames)} frames instead of {len(moving.frames)}")
    elif shown.durations != moving.durations:
        problems.append(f"frames last {shown.durations[:8]} instead of {moving.durations[:8]} ms")
    if shown.loops != moving.loops:
        problems.append(f"loops {shown.loops} times instead of {moving.loops}")
    lowest, failed_frames = 99.0, 0
    for index, (frame, original) in enumerate(zip(shown.frames, moving.frames)):
        upper = (0, 0, size[0], round(size[1] * rows))
        psnr, problem = measure.complaint(frame.crop(upper), measure.resized(original, size).crop(upper), form)
        lowest = min(lowest, psnr)
        if problem and (failed_frames := failed_frames + 1) <= 2:
            problems.append(f"frame {index}: {problem}" if len(moving.frames) > 1 else problem)
    return lowest, problems


def path_opens(path):
    try:
        Image.open(path)
        return True
    except Exception:
        return False


def decoded(image, data, form):
    if form == "gif":
        if (count := sum(1 for _ in ImageSequence.Iterator(image))) != len(gif.read(data).frames):
            raise ValueError(f"Pillow counts {count} frames")
        return gif.read(data)
    if form == "webp":
        return reference.with_pillow(data)
    return Moving([image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")])


if __name__ == "__main__":
    main()

"""photographs.py PHOTOS SAMPLES: the photographs of the bench, in PHOTOS/ready, from unpacked packages and the samples."""

import shutil
import sys
from pathlib import Path

from PIL import Image

AS_THEY_ARE = {
    "picosdeeuropa_8mp_progressive.jpg": "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "sunset_12mp_progressive.jpg": "sunset_by_Aitzol_Berasategi.jpg",
    "string_9mp_icc.jpg": "string.jpg",
    "mouse_9mp.jpg": "the-mouse.jpg",
    "goldfish_9mp_alpha.png": "goldfish.png",
    "focal_9mp_alpha.png": "focal-ubuntukylin.png",
}


def main():
    photos, samples = map(Path, sys.argv[1:3])
    ready = photos / "ready"
    ready.mkdir(exist_ok=True)
    for sample in samples.glob("*.jpg"):
        keep(ready / sample.name, lambda path: shutil.copyfile(sample, path))
    packages = photos / "packages/usr/share/backgrounds"
    if not packages.is_dir():
        return
    for name, source in AS_THEY_ARE.items():
        keep(ready / name, lambda path: shutil.copyfile(packages / source, path))

    dragonfly = Image.open(packages / "Dragonfly_by_Bolly.jpg")
    sunset = Image.open(packages / "sunset_by_Aitzol_Berasategi.jpg")
    as_cameras_do = {"quality": 90, "subsampling": "4:2:0"}
    half = lambda: dragonfly.resize((2112, 1584), Image.Resampling.LANCZOS)
    small = lambda: dragonfly.resize((528, 396), Image.Resampling.LANCZOS)
    keep(ready / "dragonfly_12mp.jpg", lambda path: dragonfly.save(path, **as_cameras_do))
    keep(ready / "sunset_12mp.jpg", lambda path: sunset.save(path, **as_cameras_do))
    keep(ready / "dragonfly_12mp_progressive.jpg", lambda path: dragonfly.save(path, progressive=True, **as_cameras_do))
    keep(ready / "dragonfly_3mp.webp", lambda path: half().save(path, quality=80))
    keep(ready / "dragonfly_528px.jpg", lambda path: small().save(path, **as_cameras_do))


def keep(path, make):
    if not path.exists():
        make(path)


if __name__ == "__main__":
    main()

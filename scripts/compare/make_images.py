"""make_images.py FOLDER: makes odd files of every format, and `expected.json` for compare.py.
make_images.py --seeds FOLDER: makes the same much smaller, in one folder, as seeds of a fuzzer.
"""

import json
import sys
import warnings
from pathlib import Path

from images import avif, bmp, gif, jpeg, png, scene, strangers, tiff, webp

KINDS = (jpeg, png, gif, webp, bmp, tiff, avif, strangers)
SEED_SIZE = 8192


class Adder:
    def __init__(self, folder):
        self.folder, self.expected = folder, {}
        (folder / "truth").mkdir(parents=True, exist_ok=True)

    def __call__(self, name, data, **expected):
        (self.folder / name).write_bytes(data)
        if expected:
            self.expected[name] = expected

    def truth(self, name, image):
        """The name, for `like`, of what a file has to look like."""
        path = self.folder / "truth" / f"{name}.png"
        if not path.exists():
            image.save(path, compress_level=1)
        return f"truth/{name}.png"


class Seeds:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, name, data, **_):
        if len(data) <= SEED_SIZE:
            (self.folder / name).write_bytes(data)

    def truth(self, *_):
        return ""


def main():
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[-1])
    if sys.argv[1] == "--seeds":
        scene.SHRINK = 12
        for kind in KINDS:
            kind.files(Seeds(folder))
        return
    for kind in KINDS:
        part = Adder(folder / kind.__name__.removeprefix("images."))
        kind.files(part)
        (part.folder / "expected.json").write_text(json.dumps(part.expected, indent=1))


if __name__ == "__main__":
    main()

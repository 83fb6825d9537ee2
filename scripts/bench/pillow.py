"""pillow.py FILE OUT OPTIONS: renders FILE with `draft` and `thumbnail` once for each line on standard input, answers
with a line, and writes the variants at the end. With the option `floor`: only decodes, at the scale that serves."""

import io
import json
import sys
from pathlib import Path

import simplejpeg
from PIL import Image, ImageCms, ImageOps

SRGB = ImageCms.createProfile("sRGB")
Image.MAX_IMAGE_PIXELS = None
SERVES = 350  # the rows that our pipeline wants of a scaled decode, 7/6 of the medium variant's


def rendered(data, form, options):
    image = Image.open(io.BytesIO(data))
    profile = image.info.get("icc_profile")
    width, height = image.size
    # `draft` wants the size that must remain.
    image.draft(None, (width * 300 // height, 300))
    image.thumbnail((width, 300))
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        image = ImageCms.profileToProfile(image, source, SRGB)
    medium = ImageOps.exif_transpose(image)
    small = medium.copy()
    small.thumbnail((width, 100))
    return encoded(medium, form, options), encoded(small, form, options)


def encoded(image, form, options):
    image.info.clear()
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def main():
    file, out, choices = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    data, variants = file.read_bytes(), None
    for _ in sys.stdin:
        if choices.get("floor"):
            simplejpeg.decode_jpeg(data, min_height=SERVES, min_width=1)
        else:
            variants = rendered(data, choices["format"], choices["options"])
        print("rendered", flush=True)
    if variants:
        for name, variant in zip(("medium", "small"), variants):
            (out / f"{name}.{choices['format']}").write_bytes(variant)


if __name__ == "__main__":
    main()

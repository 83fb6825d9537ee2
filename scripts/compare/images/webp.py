"""WebP: lossy, lossless, alpha, animated, with a profile, with an orientation."""

import io

from PIL import Image

from . import icc
from .jpeg import exif, stored
from .scene import scene, see_through


def coded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", **({"quality": 90} | options))
    return buffer.getvalue()


def files(add):
    picture, soft = scene(), see_through()
    upright = add.truth("scene", scene())
    add("lossy.webp", coded(picture), like=upright)
    add("lossless.webp", coded(picture, lossless=True), like=upright)
    add("lossy_alpha.webp", coded(soft))
    add("lossless_alpha.webp", coded(soft, lossless=True))
    add("icc_p3.webp", coded(picture, icc_profile=icc.rgb(icc.P3)))
    add("icc_p3_alpha.webp", coded(soft, icc_profile=icc.rgb(icc.P3)))
    for orientation in (2, 6, 8):
        add(f"exif_{orientation}.webp", coded(stored(picture, orientation), exif=exif(orientation)), like=upright)
    add("wide.webp", coded(scene(6000, 20)))
    add("dot.webp", coded(scene(1, 1), lossless=True))

    small = [scene(240, 180).rotate(turn) for turn in (0, 30, 60, 90)]
    others = {"save_all": True, "append_images": small[1:], "duration": [40, 80, 1000, 20]}
    add("animated.webp", coded(small[0], loop=0, **others))
    add("animated_lossless.webp", coded(small[0], loop=3, lossless=True, **others))
    clear = [see_through(240, 180).transpose(turn) for turn in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180)]
    add("animated_alpha.webp", coded(see_through(240, 180), save_all=True, append_images=clear, duration=[70, 70, 90], loop=1))
    whole = coded(picture)
    add("cut.webp", whole[: len(whole) // 2], either=True)

"""How far a variant is from what it should show, and how far it may be.

A variant is encoded with loss, so a fixed bound is either blind (a GIF of 256 colours) or wrong (a JPEG of 8×8
noise). The bound is what the same step costs Pillow: the expected pixels, written by Pillow in the same format at a
quality a little below ours, are off by some mean square; ours may be off by half as much again, plus what
resampling may cost (38 dB, the project's bound). Errors of colour do not hide in that: noise of coding has a mean
near zero, a wrong profile or a wrong gamma has not, so the mean difference of each channel is bounded on its own
(1.5 levels). Errors of place (orientation, a lost frame, a missing stripe) show in the means of a grid of cells.
"""

import io

import numpy as np
from PIL import Image

import gif

RESAMPLING = 255.0**2 / 10 ** (38 / 10)
MEAN, CELL = 1.5, 4.0


def planes(image):
    """Premultiplied red, green, blue, and alpha, as floats."""
    pixels = np.asarray(image.convert("RGBA")).astype(np.float64)
    pixels[:, :, :3] *= pixels[:, :, 3:] / 255
    return pixels


def difference(one, other):
    """(mean square, mean of the worst channel, mean of the worst cell), of premultiplied colours and of alpha."""
    off = planes(one) - planes(other)
    square = (off**2).mean(axis=(0, 1))
    mean = np.abs(off.mean(axis=(0, 1))).max()
    cells = [
        np.abs(cell.mean(axis=(0, 1))).max()
        for band in np.array_split(off, min(8, off.shape[0]), axis=0)
        for cell in np.array_split(band, min(8, off.shape[1]), axis=1)
    ]
    # Alpha counts by itself: an opaque image would dilute the error of its colours.
    return max(square[:3].mean(), square[3]), mean, max(cells)


def decibels(square):
    return 99.0 if square < 1e-5 else 10 * np.log10(255.0**2 / square)


def resized(image, size):
    """Pillow premultiplies RGBA for this."""
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def as_coded(image, form):
    """`image` after a round through Pillow's encoder of `form`."""
    buffer = io.BytesIO()
    if form == "jpeg":
        image.convert("RGB").save(buffer, "JPEG", quality=80, subsampling="4:2:0")
    elif form == "webp":
        image.save(buffer, "WEBP", quality=75)
    elif form == "gif":
        all_or_nothing(image).save(buffer, "GIF")
        return gif.read(buffer.getvalue()).frames[0]
    else:
        return image
    return Image.open(io.BytesIO(buffer.getvalue()))


def all_or_nothing(image):
    """A GIF's pixel is visible or it is not."""
    if image.mode != "RGBA":
        return image
    pixels = np.array(image)
    seen = pixels[:, :, 3] >= 128
    pixels[~seen] = 0
    pixels[seen, 3] = 255
    return Image.fromarray(pixels)


def complaint(variant, expected, form):
    """(PSNR, what is wrong or None)."""
    if form == "gif":
        # Whether a pixel of half coverage is seen may fall either way.
        soft = np.asarray(expected.convert("RGBA"))[:, :, 3]
        undecided = (soft > 88) & (soft < 168)
        expected = all_or_nothing(expected)
        if undecided.any():
            pixels, shown = np.array(expected.convert("RGBA")), np.array(variant.convert("RGBA"))
            pixels[undecided] = shown[undecided]
            expected = Image.fromarray(pixels)
    coded = difference(as_coded(expected, form), expected)
    square, mean, cell = difference(variant, expected)
    allowed = 1.5 * coded[0] + RESAMPLING
    psnr = decibels(square)
    if square > allowed:
        return psnr, f"{psnr:.1f} dB, {decibels(allowed):.1f} allowed"
    if mean > MEAN + coded[1]:
        return psnr, f"colours off by {mean:.1f} on average, {MEAN + coded[1]:.1f} allowed"
    if cell > CELL + 1.5 * coded[2]:
        return psnr, f"a part is off by {cell:.1f}, {CELL + 1.5 * coded[2]:.1f} allowed"
    return psnr, None

"""One scene that shows every mistake: saturated colours, fine and coarse detail, no symmetry."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


SHRINK = 1  # more for seeds of a fuzzer


def shrunk(width, height):
    return max(1, width // SHRINK), max(1, height // SHRINK)


def scene(width=480, height=360):
    """RGB."""
    width, height = shrunk(width, height)
    y, x = np.mgrid[0:height, 0:width]
    u, v = x / width, y / height
    red = 255 * u
    green = 255 * v
    blue = 127 + 127 * np.sin(9 * u + 5 * v)
    image = Image.fromarray(np.stack([red, green, blue], axis=2).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    w, h = width, height
    draw.rectangle((w * 0.06, h * 0.07, w * 0.32, h * 0.3), fill=(240, 20, 20))
    draw.ellipse((w * 0.6, h * 0.1, w * 0.95, h * 0.45), fill=(20, 220, 40))
    draw.polygon([(w * 0.1, h * 0.9), (w * 0.35, h * 0.5), (w * 0.45, h * 0.95)], fill=(30, 40, 235))
    draw.rectangle((w * 0.6, h * 0.6, w * 0.75, h * 0.95), fill=(250, 240, 10))
    draw.rectangle((w * 0.8, h * 0.6, w * 0.95, h * 0.75), fill=(0, 0, 0))
    draw.rectangle((w * 0.8, h * 0.8, w * 0.95, h * 0.95), fill=(255, 255, 255))
    for i in range(12):
        draw.line((w * 0.4, h * (0.1 + i * 0.03), w * 0.55, h * (0.08 + i * 0.035)), fill=(200, 100, 255), width=2)
    return image


def see_through(width=480, height=360):
    """RGBA: invisible to opaque from left to right, a soft hole, and black where nothing is seen."""
    opaque = scene(width, height)
    width, height = shrunk(width, height)
    pixels = np.dstack([np.array(opaque), np.zeros((height, width), np.uint8)])
    y, x = np.mgrid[0:height, 0:width]
    alpha = np.clip(x / width * 2.2 - 0.4, 0, 1)
    hole = np.hypot(x - width * 0.7, y - height * 0.5) / height
    pixels[:, :, 3] = 255 * alpha * np.clip((hole - 0.12) * 8, 0, 1)
    pixels[pixels[:, :, 3] == 0] = 0
    return Image.fromarray(pixels)


def smooth():
    """Without edges: where numbers do not mean sRGB, whether they are resampled before or after conversion shows."""
    return scene().filter(ImageFilter.GaussianBlur(20))

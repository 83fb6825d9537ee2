"""PSNR and SSIM of variants against the whole original, decoded in full and resized by Lanczos3 in one step."""

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

SRGB = ImageCms.createProfile("sRGB")


def reference(path, size):
    image = ImageOps.exif_transpose(Image.open(path))
    profile = image.info.get("icc_profile")
    if profile:
        image = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB)
    return image.resize(size, Image.Resampling.LANCZOS)


def planes(image):
    pixels = np.asarray(image.convert("RGBA")).astype(np.float64)
    return pixels[:, :, :3] * (pixels[:, :, 3:] / 255)


def mean_square(one, other):
    return ((planes(one) - planes(other)) ** 2).mean()


def decibels(square):
    return 99.9 if square < 1e-5 else 10 * np.log10(255.0**2 / square)


def ssim(one, other):
    """Of the luma, with the Gaussian window of Wang et al. 2004 (11 × 11, σ = 1.5)."""
    x, y = (planes(image) @ (0.299, 0.587, 0.114) for image in (one, other))
    if min(x.shape) < 11:
        return float("nan")
    taps = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    taps /= taps.sum()

    def blurred(values):
        for axis in (0, 1):
            windows = np.lib.stride_tricks.sliding_window_view(values, 11, axis=axis)
            values = windows @ taps
        return values

    mx, my = blurred(x), blurred(y)
    vx, vy, vxy = blurred(x * x) - mx * mx, blurred(y * y) - my * my, blurred(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean()


def coded_like(image, sample):
    """`image` through Pillow's encoder with the format and the quantisation of the variant `sample`."""
    sample = Image.open(sample)
    if sample.format != "JPEG":
        return image
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", qtables=sample.quantization, subsampling="4:2:0")
    return Image.open(io.BytesIO(buffer.getvalue()))


def jpeg_quality(path):
    """The quality whose tables (Annex K, scaled as the IJG does) those of the file are; 0 if of none."""
    tables = Image.open(path).quantization
    for quality in range(100, 0, -1):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
        if list(Image.open(buffer).quantization[0]) == list(tables[0]):
            return quality
    return 0

"""What a file shows, by decoders that are not ours: upright, in sRGB, 8 bits, alpha straight, every frame.

Where decoders of good standing differ (a colour space without a profile, a gamma), each reading is given.
"""

import io
import warnings

import numpy as np
import pyvips
import tifffile
from PIL import Image, ImageCms, ImageOps

import bmp
import gif
from moving import Moving

Image.MAX_IMAGE_PIXELS = None
SRGB = ImageCms.createProfile("sRGB")


def readings(path):
    """[(decoder's name, Moving)], the most trusted first; with the reason of those that failed."""
    found, failed = [], []
    data = path.read_bytes()
    kinds = [("libvips", with_vips)]
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        kinds = [("Pillow", with_pillow), ("tifffile", with_tifffile), *kinds]
    elif data[:3] == b"GIF":
        kinds = [("GIF89a", gif.read)]
    elif data[:2] == b"BM":
        kinds = [("Pillow and its profile", with_profile_of_bitmap)]
        if bmp.profile(data) is None:
            kinds = [("Pillow", with_pillow), ("bitmap", bmp.read)]
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        kinds = [("Pillow", with_pillow), ("Pillow and gAMA", with_gamma), *kinds, ("libvips and gAMA", with_gamma_on_vips)]
    else:
        kinds = [("Pillow", with_pillow), *kinds]
    for name, read in kinds:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if (moving := read(data)) is not None:
                    found.append((name, moving))
        except Exception as error:  # whatever a decoder raises means that it cannot
            failed.append(f"{name}: {type(error).__name__}: {error}"[:120])
    return found, failed


def with_pillow(data):
    image = Image.open(io.BytesIO(data))
    if image.format == "WEBP" and getattr(image, "n_frames", 1) > 1:
        frames, durations = [], []
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            durations.append(image.info.get("duration", 0))
            frames.append(to_srgb(image.copy(), image.info.get("icc_profile")))
        return Moving(frames, durations, image.info.get("loop", 0))
    image.load()
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if image.format == "TIFF" and image.mode.startswith("I;16"):
        # Pillow hands out samples of 12 bits as they are.
        top = (1 << image.tag_v2.get(258, (16,))[0]) - 1
        upright = grey(np.asarray(upright).astype(np.float64) * 255 / top)
    return Moving([to_srgb(upright, profile)])


def with_profile_of_bitmap(data):
    """Pillow passes the profile of a bitmap over."""
    profile = bmp.profile(data)
    if profile is None:
        return None
    image = Image.open(io.BytesIO(data))
    image.load()
    return Moving([to_srgb(image, profile)])


def with_gamma(data):
    return gamma_applied(data, with_pillow)


def with_gamma_on_vips(data):
    return gamma_applied(data, with_vips)


def gamma_applied(data, read):
    """PNG's gAMA, where neither iCCP nor sRGB overrules it (https://www.w3.org/TR/png-3/#4.1)."""
    info = Image.open(io.BytesIO(data)).info
    gamma = info.get("gamma")
    if not gamma or {"srgb", "icc_profile"} & info.keys() or abs(gamma - 1 / 2.2) < 0.005:
        return None
    upright = read(data).frames[0]
    linear = (np.arange(256) / 255) ** (1 / gamma)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    curve = list(np.rint(encoded * 255).astype(int))
    straight = list(range(256))
    return Moving([upright.point(curve * 3 + (straight if upright.mode == "RGBA" else []))])


def to_srgb(image, profile):
    """RGB or RGBA of 8 bits; a profile that cannot be used counts as none."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N"):
        image = grey(np.asarray(image).astype(np.float64) / 257)
    elif image.mode == "I":
        values = np.asarray(image).astype(np.float64)
        image = grey(values / 257)
    elif image.mode == "F":
        image = grey(np.nan_to_num(np.asarray(image)) * 255.0)
    if image.mode in ("P", "PA", "1"):
        transparent = "transparency" in image.info or image.mode == "PA" or palette_alpha(image)
        image = image.convert("RGBA" if transparent else "RGB" if image.mode != "1" else "L")
    elif "transparency" in image.info and image.mode in ("L", "RGB"):
        image = image.convert("RGBA")

    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA", "RGBa", "La") else None
    plain = {"RGBA": "RGB", "RGBa": "RGB", "LA": "L", "La": "L", "RGBX": "RGB"}.get(image.mode, image.mode)
    image = image.convert(plain)
    converted = None
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if space == {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}.get(plain):
                converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            pass
    image = converted or image.convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
    return image


def palette_alpha(image):
    return image.palette is not None and image.palette.mode == "RGBA"


def grey(values):
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8), "L")


def with_vips(data):
    image = pyvips.Image.new_from_buffer(data, "").autorot()
    if image.get_typeof("icc-profile-data"):
        try:
            image = image.icc_transform("srgb", embedded=True, intent="perceptual")
        except pyvips.Error:
            pass
    if image.interpretation not in ("srgb", "b-w"):
        image = image.colourspace("srgb")
    pixels = image.cast("uchar").numpy()
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 2:
        pixels = pixels[:, :, [0, 0, 0, 1]]
    elif pixels.shape[2] == 1:
        pixels = pixels[:, :, [0, 0, 0]]
    return Moving([Image.fromarray(np.ascontiguousarray(pixels))])


def with_tifffile(data):
    """Samples scaled by their type: integers from 0 to their largest, floats from 0 to 1."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        values = page.asarray()
        photometric = page.photometric.name
        extra = [kind.name for kind in page.extrasamples]
        orientation = page.tags.get("Orientation")
        bits = page.bitspersample
        colours = page.colormap
        profile = page.iccprofile
        if page.planarconfig.name == "SEPARATE" and values.ndim == 3:
            values = np.moveaxis(values, 0, -1)
        ycbcr = [tag(page, name) for name in ("YCbCrCoefficients", "ReferenceBlackWhite", "YCbCrSubSampling")]
        compression = page.compression.name
    if photometric == "YCBCR" and compression != "JPEG":
        return rgb_of_ycbcr(values.astype(np.float64), *ycbcr)
    if photometric == "PALETTE":
        values, photometric = np.moveaxis(colours, 0, -1)[values], "RGB"
        bits = 16
    top = 1 if values.dtype.kind == "f" else (1 << bits) - 1
    scaled = np.clip(np.nan_to_num(values.astype(np.float64)) / top, 0, 1) * 255
    if scaled.ndim == 2:
        scaled = scaled[:, :, None]
    colour_count = {"RGB": 3, "SEPARATED": 4}.get(photometric, 1)
    if photometric not in ("RGB", "SEPARATED", "MINISBLACK", "MINISWHITE"):
        return None
    colour, alpha = scaled[:, :, :colour_count], None
    if scaled.shape[2] > colour_count and extra and extra[0] in ("ASSOCALPHA", "UNASSALPHA"):
        alpha = scaled[:, :, colour_count]
        if extra[0] == "ASSOCALPHA":
            colour = np.where(alpha[:, :, None] > 0, colour * 255 / np.maximum(alpha[:, :, None], 1e-9), 0)
    if photometric == "MINISWHITE":
        colour = 255 - colour
    colour = np.clip(np.rint(colour), 0, 255).astype(np.uint8)
    if colour_count == 1:
        image = Image.fromarray(colour[:, :, 0], "L")
    else:
        image = Image.fromarray(np.ascontiguousarray(colour), "CMYK" if colour_count == 4 else "RGB")
    image = to_srgb(image, profile)
    if alpha is not None:
        image.putalpha(grey(alpha))
    if orientation is not None:
        image.getexif()[0x0112] = orientation.value
        image = ImageOps.exif_transpose(image)
    return Moving([image])


def tag(page, name):
    """Its numbers, rationals as such; None if it is missing."""
    found = page.tags.get(name)
    return None if found is None else found.value


def rgb_of_ycbcr(values, coefficients, black_white, subsampling):
    """TIFF 6.0, sections 20 and 21, without subsampling."""
    if subsampling is not None and tuple(subsampling) != (1, 1):
        return None
    ratios = lambda numbers: [over / under for over, under in zip(numbers[::2], numbers[1::2])]
    red, green, blue = ratios(coefficients) if coefficients else (0.299, 0.587, 0.114)
    low_y, high_y, low_b, high_b, low_r, high_r = ratios(black_white) if black_white else (0, 255, 128, 255, 128, 255)
    y = (values[:, :, 0] - low_y) * 255 / (high_y - low_y)
    cb = (values[:, :, 1] - low_b) * 127 / (high_b - low_b)
    cr = (values[:, :, 2] - low_r) * 127 / (high_r - low_r)
    r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
    pixels = np.stack([r, (y - blue * b - red * r) / green, b], axis=2)
    return Moving([Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8), "RGB")])

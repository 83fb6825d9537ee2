"""PNG (https://www.w3.org/TR/png-3/): every depth and kind, interlaced, transparent, with colour chunks, animated."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from . import icc
from .jpeg import exif, stored
from .scene import scene, see_through, smooth

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(samples, kind, depth, chunks=b"", interlaced=False):
    """`samples`: height × width × channels, in the range of `depth`; `chunks`: what stands before the pixels."""
    samples = samples[:, :, None] if samples.ndim == 2 else samples
    height, width = samples.shape[:2]
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    raw = b"".join(b"\0" + packed(row, depth) for part in passes if part.size for row in part)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    pixels = zlib.compress(raw)
    middle = len(pixels) // 3
    parts = chunk(b"IDAT", pixels[:middle]) + chunk(b"IDAT", b"") + chunk(b"IDAT", pixels[middle:])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + parts + chunk(b"IEND", b"")


def packed(row, depth):
    flat = row.reshape(-1)
    if depth == 16:
        return flat.astype(">u2").tobytes()
    if depth == 8:
        return flat.astype(np.uint8).tobytes()
    bits = np.unpackbits(flat.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
    return np.packbits(bits.reshape(-1)).tobytes()


def deep(values, bits=16):
    """8 bits as more or fewer."""
    return np.rint(values.astype(np.float64) / 255 * ((1 << bits) - 1)).astype(np.uint16)


def encoded_as(image, exponent, matrix=np.eye(3)):
    """The numbers that mean `image` where encoding is `exponent` and `matrix` leads from linear sRGB."""
    values = np.asarray(image) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ matrix.T, 0, 1)
    return linear**exponent


def files(add):
    picture, upright = scene(), add.truth("scene", scene())
    pixels, grey = np.asarray(picture), np.asarray(picture.convert("L"))
    soft = see_through()
    see, shadow = np.asarray(soft), np.asarray(soft.convert("LA"))

    for interlaced in (False, True):
        suffix = "_interlaced" if interlaced else ""
        for depth in (1, 2, 4, 8, 16):
            add(f"grey_{depth}{suffix}.png", png(deep(grey, depth), GREY, depth, interlaced=interlaced))
        for depth in (8, 16):
            add(f"rgb_{depth}{suffix}.png", png(deep(pixels, depth), RGB, depth, interlaced=interlaced))
            add(f"rgba_{depth}{suffix}.png", png(deep(see, depth), RGBA, depth, interlaced=interlaced))
            add(f"grey_alpha_{depth}{suffix}.png", png(deep(shadow, depth), GREY_ALPHA, depth, interlaced=interlaced))
        for depth in (1, 2, 4, 8):
            few = picture.quantize(1 << depth)
            palette = bytes(few.getpalette()[: 3 << depth]).ljust(3 << depth, b"\0")
            plte = chunk(b"PLTE", palette)
            add(f"palette_{depth}{suffix}.png", png(np.asarray(few), PALETTE, depth, plte, interlaced))
            trns = chunk(b"tRNS", bytes(range(0, 256, 256 >> depth)))
            add(f"palette_{depth}_trns{suffix}.png", png(np.asarray(few), PALETTE, depth, plte + trns, interlaced))

    black = struct.pack(">H", int(grey[-1, -1]))
    add("grey_8_trns.png", png(grey, GREY, 8, chunk(b"tRNS", black)))
    add("rgb_8_trns.png", png(pixels, RGB, 8, chunk(b"tRNS", struct.pack(">HHH", 240, 20, 20))))
    hard = soft.copy()
    hard.putalpha(soft.getchannel("A").point(lambda a: 255 if a > 127 else 0))
    add("rgba_hard_edges.png", png(np.asarray(hard), RGBA, 8))

    gama = lambda value: chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))
    soft_edges, blurred = smooth(), add.truth("smooth", smooth())
    linear = np.rint(encoded_as(soft_edges, 1.0) * 65535).astype(np.uint16)
    add("gama_1_of_16_bits.png", png(linear, RGB, 16, gama(1.0)), like=blurred)
    add("gama_0_55.png", png(np.rint(encoded_as(soft_edges, 0.55) * 255), RGB, 8, gama(0.55)), like=blurred)
    add("gama_of_srgb.png", png(pixels, RGB, 8, gama(1 / 2.2)), like=upright)
    add("srgb_overrules_gama.png", png(pixels, RGB, 8, chunk(b"sRGB", b"\0") + gama(1.0)), like=upright)
    srgb_primaries = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
    to_p3 = np.linalg.inv(icc.primaries_matrix(icc.P3, icc.D65)) @ icc.primaries_matrix(srgb_primaries, icc.D65)
    chrm = struct.pack(">8I", *(round(value * 100_000) for pair in (icc.D65, *icc.P3) for value in pair))
    in_p3 = np.rint(encoded_as(soft_edges, 0.5, to_p3) * 65535).astype(np.uint16)
    add("chrm_of_p3.png", png(in_p3, RGB, 16, chunk(b"cHRM", chrm) + gama(0.5)), like=blurred)
    in_p3 = srgb_curve(encoded_as(soft_edges, 1.0, to_p3))
    add("cicp_of_p3.png", png(np.rint(in_p3 * 65535), RGB, 16, chunk(b"cICP", bytes([12, 13, 0, 1]))), like=blurred)
    iccp = lambda profile: chunk(b"iCCP", b"a profile\0\0" + zlib.compress(profile))
    add("icc_p3.png", png(pixels, RGB, 8, iccp(icc.rgb(icc.P3))))
    add("icc_p3_alpha.png", png(see, RGBA, 8, iccp(icc.rgb(icc.P3))))
    add("icc_p3_16.png", png(deep(pixels), RGB, 16, iccp(icc.rgb(icc.P3))))
    add("icc_grey.png", png(np.asarray(soft_edges.convert("L")), GREY, 8, iccp(icc.grey(1.0))))
    add("icc_broken.png", png(pixels, RGB, 8, iccp(b"\x5a" * 300)), like=upright)
    add("icc_not_inflatable.png", png(pixels, RGB, 8, chunk(b"iCCP", b"a profile\0\0\1\2\3")), like=upright)
    for orientation in (3, 6, 7):
        turned = np.asarray(stored(picture, orientation))
        add(f"exif_{orientation}.png", png(turned, RGB, 8, chunk(b"eXIf", exif(orientation)[6:])), like=upright)
    add("animated.png", apng(picture), like=upright)
    for width, height in ((5, 200), (7, 200), (251, 200), (40, 100), (41, 101), (30, 300), (61, 301), (1, 1), (1700, 100), (9000, 2)):
        add(f"size_{width}x{height}.png", png(np.asarray(scene(width, height)), RGB, 8))

    whole = png(pixels, RGB, 8)
    add("cut.png", whole[: len(whole) // 4], either=True)
    add("wrong_checksum.png", whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:], either=True)
    add("a_header_of_65535.png", png(np.zeros((1, 1)), GREY, 8)[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 65535, 65535, 8, 2, 0, 0, 0)) + bytes(60), refused=["too_many_pixels", "too_large", "decoder_memory", "decode_failed"])
    add("inflates_a_thousand_times.png", png(np.zeros((3000, 4000), np.uint8), GREY, 8))
    add("index_beyond_its_palette.png", png(np.full((9, 9), 7), PALETTE, 8, chunk(b"PLTE", bytes(6))), either=True)


def srgb_curve(linear):
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def apng(first):
    buffer = io.BytesIO()
    others = [first.transpose(Image.Transpose.FLIP_LEFT_RIGHT), first.convert("L").convert("RGB")]
    first.save(buffer, "PNG", save_all=True, append_images=others, duration=[100, 200, 300])
    return buffer.getvalue()

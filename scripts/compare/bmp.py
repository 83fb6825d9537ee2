"""Windows bitmaps with any masks, 1 to 32 bits, and run lengths, which Pillow reads in part.

After MS-WMF/BITMAPV5HEADER and what bmpsuite (https://entropymine.com/jason/bmpsuite/) says of viewers: an alpha
mask counts, unless it makes all of the image invisible; pixels that run lengths skip are transparent.
"""

import struct

import numpy as np
from PIL import Image

from moving import Moving

RGB, RLE8, RLE4, BITFIELDS, ALPHABITFIELDS = 0, 1, 2, 3, 6
OS2_HEADER = 12


def read(data):
    if data[:2] != b"BM":
        raise ValueError("not a BMP")
    (start,) = struct.unpack_from("<I", data, 10)
    (header,) = struct.unpack_from("<I", data, 14)
    if header == OS2_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression, colours, entry = RGB, 0, 3
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        (colours,) = struct.unpack_from("<I", data, 46) if header >= 36 else (0,)
        entry = 4
    if header == 64 and compression in (3, 4):
        raise ValueError("a compression of OS/2")
    if compression not in (RGB, RLE8, RLE4, BITFIELDS, ALPHABITFIELDS):
        raise ValueError(f"compression {compression}")
    upside_up, height = height < 0, abs(height)
    if width <= 0 or height <= 0:
        raise ValueError("no pixels")

    if bits <= 8:
        table = 14 + header
        count = min(colours or 1 << bits, 256, max(0, start - table) // entry)
        raw = np.frombuffer(data, np.uint8, count * entry, table).reshape(-1, entry)
        palette = np.zeros((256, 4), np.uint8)
        palette[:count, :3], palette[:, 3] = raw[:, 2::-1], 255
        if compression in (RLE8, RLE4):
            indices, seen = run_lengths(data[start:], width, height, compression == RLE4)
            pixels = palette[indices]
            pixels[~seen] = 0
        else:
            pixels = palette[packed(rows(data, start, width, height, bits), width, bits)]
    else:
        pixels = by_masks(data, start, width, height, bits, compression, header)
    pixels = pixels if upside_up else pixels[::-1]
    if (pixels[:, :, 3] == 255).all():
        pixels = pixels[:, :, :3]
    return Moving([Image.fromarray(np.ascontiguousarray(pixels))])


def rows(data, start, width, height, bits):
    stride = (width * bits + 31) // 32 * 4
    if start + stride * (height - 1) + (width * bits + 7) // 8 > len(data):
        raise ValueError("the BMP ends too early")
    return np.frombuffer(data[start:].ljust(stride * height, b"\0"), np.uint8, stride * height).reshape(height, stride)


def packed(stored, width, bits):
    each = np.unpackbits(stored, axis=1).reshape(stored.shape[0], -1, bits)
    return (each * (1 << np.arange(bits)[::-1])).sum(axis=2)[:, :width]


def by_masks(data, start, width, height, bits, compression, header):
    stored = rows(data, start, width, height, bits)
    size = bits // 8
    values = np.zeros((height, width), np.uint32)
    for byte in range(size):
        values |= stored[:, byte : width * size : size].astype(np.uint32) << (8 * byte)
    if compression in (BITFIELDS, ALPHABITFIELDS):
        masks = struct.unpack_from("<III", data, 54)
        alpha = struct.unpack_from("<I", data, 66)[0] if header >= 56 or compression == ALPHABITFIELDS else 0
    elif bits == 16:
        masks, alpha = (0x7C00, 0x3E0, 0x1F), 0
    else:
        masks, alpha = (0xFF0000, 0xFF00, 0xFF), 0
    channels = [channel(values, mask) for mask in masks]
    opacity = channel(values, alpha)
    channels.append(opacity if opacity.any() else np.full_like(opacity, 255))
    return np.stack(channels, axis=2)


def channel(values, mask):
    if not mask:
        return np.zeros(values.shape, np.uint8)
    low = (mask & -mask).bit_length() - 1
    top = mask >> low
    return np.rint((values & mask).astype(np.float64) / (1 << low) / top * 255).astype(np.uint8)


def run_lengths(data, width, height, nibbles):
    """Palette indices from the bottom row up, and which pixels the file names."""
    indices, seen = np.zeros((height, width), np.uint8), np.zeros((height, width), bool)
    at, x, y = 0, 0, 0

    def put(values):
        nonlocal x
        for value in values:
            if y < height and x < width:
                indices[y, x], seen[y, x] = value, True
            x += 1

    while at + 1 < len(data) and y < height:
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            pair = (value >> 4, value & 15) if nibbles else (value, value)
            put(pair[i & 1] for i in range(count))
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            break
        elif value == 2:
            x, y, at = x + data[at], y + data[at + 1], at + 2
        else:
            size = (value + 1) // 2 if nibbles else value
            literal = data[at : at + size]
            at += size + (size & 1)
            put([byte >> 4 if i % 2 == 0 else byte & 15 for byte in literal for i in range(2)][:value] if nibbles else literal)
    return indices, seen


def profile(data):
    """The ICC profile that a header of the fifth version embeds, or None."""
    size, = struct.unpack_from("<I", data, 14)
    if size != 124 or data[14 + 56 : 14 + 60] != b"DEBM":
        return None
    place, length = struct.unpack_from("<II", data, 14 + 112)
    return data[14 + place : 14 + place + length]

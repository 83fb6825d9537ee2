"""Bitmaps: palettes, masks, alpha, run lengths, both directions, both headers."""

import struct

import numpy as np

from .scene import scene, see_through


def bmp(width, height, bits, body, compression=0, palette=b"", masks=(), version=40, top_down=False):
    header = struct.pack("<IiiHHIIiiII", version, width, -height if top_down else height, 1, bits, compression, len(body), 2835, 2835, len(palette) // 4, 0)
    after = b"".join(struct.pack("<I", mask) for mask in masks)
    if version > 40:
        header, after = (header + after).ljust(version, b"\0"), b""
    start = 14 + len(header) + len(after) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + after + palette + body


def rows(lines):
    return b"".join(line + bytes(-len(line) % 4) for line in lines)


def files(add):
    picture, soft = scene(203, 151), see_through(203, 151)
    upright = add.truth("scene_203", picture)
    pixels, see = np.asarray(picture), np.asarray(soft)
    width, height = picture.size
    bgr, bgra = pixels[::-1, :, ::-1], see[::-1][:, :, [2, 1, 0, 3]]
    for bits in (1, 4, 8):
        few = picture.quantize(1 << bits)
        colours = np.array(few.getpalette()[: 3 << bits], np.uint8).reshape(-1, 3)
        palette = b"".join(bytes([b, g, r, 0]) for r, g, b in colours)
        indices = np.asarray(few)[::-1]
        spread = np.unpackbits(indices[:, :, None], axis=2)[:, :, 8 - bits :].reshape(height, -1)
        add(f"palette_{bits}.bmp", bmp(width, height, bits, rows(line.tobytes() for line in np.packbits(spread, axis=1)), palette=palette))
        if bits == 8:
            runs = b"".join(b"".join(bytes([1, value]) for value in line) + b"\0\0" for line in indices) + b"\0\1"
            add("rle_8.bmp", bmp(width, height, 8, runs, compression=1, palette=palette))
            core = b"".join(bytes([b, g, r]) for r, g, b in np.pad(colours, ((0, 256 - len(colours)), (0, 0))))
            body = rows(line.tobytes() for line in indices)
            start = 26 + len(core)
            add("os2.bmp", b"BM" + struct.pack("<IHHIIHHHH", start + len(body), 0, 0, start, 12, width, height, 1, 8) + core + body)
    add("rgb_24.bmp", bmp(width, height, 24, rows(line.tobytes() for line in bgr)), like=upright)
    add("rgb_24_top_down.bmp", bmp(width, height, 24, rows(line.tobytes() for line in bgr[::-1]), top_down=True), like=upright)
    unused = np.dstack([bgr, np.zeros((height, width), np.uint8)])
    add("rgbx_32.bmp", bmp(width, height, 32, unused.tobytes()), like=upright)
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    add("rgba_32_v4.bmp", bmp(width, height, 32, bgra.tobytes(), 3, masks=masks, version=108), like=add.truth("soft_203", soft))
    add("rgba_32_all_invisible.bmp", bmp(width, height, 32, unused.tobytes(), 3, masks=masks, version=108), like=upright)
    r, g, b = (pixels[::-1, :, i].astype(np.uint16) for i in range(3))
    five = r >> 3 << 10 | g >> 3 << 5 | b >> 3
    add("rgb_555.bmp", bmp(width, height, 16, rows(line.astype("<u2").tobytes() for line in five)))
    six = r >> 3 << 11 | g >> 2 << 5 | b >> 3
    add("rgb_565.bmp", bmp(width, height, 16, rows(line.astype("<u2").tobytes() for line in six), 3, masks=(0xF800, 0x7E0, 0x1F)))
    whole = bmp(width, height, 24, rows(line.tobytes() for line in bgr))
    add("cut.bmp", whole[: len(whole) // 2], either=True)

"""Files to upload: good ones, a broken one, and one that takes long."""

import struct
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixels=None):
    """Grey stripes, or other compressed data in their place."""
    if pixels is None:
        pixels = zlib.compress(b"".join(b"\0" + bytes((x + y) % 256 for x in range(width)) for y in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def broken_png():
    """In good order outside, and no image inside."""
    return png(64, 64, zlib.compress(b"\0" * 65 * 64)[:-8] + b"\xff" * 8)


def slow_gif(side, frames):
    """An animation whose frames are all black: few bytes, and many pixels to be decoded, scaled and encoded."""
    data = b"GIF89a" + struct.pack("<HHBBB", side, side, 0xF0, 0, 0) + bytes((0, 0, 0, 255, 255, 255))
    data += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    pixels = lzw_of_zeros(side * side)
    frame = b"\x21\xf9\x04\x04\x0a\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02"
    frame += b"".join(bytes((len(part),)) + part for part in (pixels[i : i + 255] for i in range(0, len(pixels), 255))) + b"\0"
    return data + frame * frames + b"\x3b"


def lzw_of_zeros(count):
    """LZW of so many zeros with codes of two bits at first: each code is one longer than the last one."""
    clear, end = 4, 5
    codes, bits, taken, following, size = 0, 0, 0, 6, 3

    def put(code):
        nonlocal codes, bits
        codes |= code << bits
        bits += size

    put(clear)
    length = 1
    while taken < count:
        if length == 1:
            put(0)
            taken += 1
            length = 2
            continue
        run = min(length, count - taken)
        if run < length or following > 4000:
            put(0 if run == 1 else following - 1 if run >= length else 6 + run - 2)
            taken += run
            if taken < count:
                put(clear)
                size, following, length = 3, 6, 1
            continue
        put(following)
        taken += run
        following += 1
        length += 1
        if following == 1 << size and size < 12:
            size += 1
    put(end)
    return codes.to_bytes((bits + 7) // 8, "little")

"""GIF: disposals, transparency, parts of the canvas, palettes of their own, times and loops."""

import struct

import numpy as np

from .scene import scene


def lzw(indices, bits):
    """With a clear code so often that the codes never grow."""
    size, clear = bits + 1, 1 << bits
    every = clear - 2
    codes = [code for i in range(0, len(indices), every) for code in (clear, *indices[i : i + every])] + [clear + 1]
    value = np.array(codes, np.uint16)
    flat = (value[:, None] >> np.arange(size) & 1).astype(np.uint8).reshape(-1)
    data = np.packbits(flat, bitorder="little").tobytes()
    return bytes([bits]) + b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255)) + b"\0"


def frame(indices, at=(0, 0), delay=10, disposal=0, transparent=None, palette=None, interlaced=False):
    height, width = indices.shape
    flags = disposal << 2 | (transparent is not None)
    control = b"\x21\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"
    own = 0x80 | 6 if palette is not None else 0
    image = b"\x2c" + struct.pack("<HHHHB", *at, width, height, own | interlaced << 6)
    if palette is not None:
        image += palette.astype(np.uint8).tobytes().ljust(384, b"\0")
    if interlaced:
        order = [row for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in range(start, height, step)]
        indices = indices[order]
    return control + image + lzw(indices.reshape(-1).tolist(), 7)


def gif(size, palette, frames, loops=None, background=0, signature=b"GIF89a"):
    screen = signature + struct.pack("<HHBBB", *size, 0x80 | 6, background, 0)
    table = palette.astype(np.uint8).tobytes().ljust(384, b"\0")
    application = b"" if loops is None else b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loops) + b"\0"
    return screen + table + application + b"".join(frames) + b";"


def files(add):
    few = scene(240, 180).quantize(120)
    palette, pixels = np.array(few.getpalette()).reshape(-1, 3)[:120], np.asarray(few)
    size, clear = (240, 180), 127
    spot = np.full((60, 80), 5, np.uint8)
    ring = spot.copy()
    ring[15:45, 20:60] = clear
    spots = [((10 + 35 * i, 8 + 20 * i), (ring if i % 2 else spot) + i * (0 if i % 2 else 7)) for i in range(5)]

    for disposal in range(4):
        parts = [frame(pixels, delay=7, disposal=disposal)]
        parts += [frame(part, at, 5 + i, disposal, clear) for i, (at, part) in enumerate(spots)]
        add(f"disposal_{disposal}.gif", gif(size, palette, parts, loops=0))
    mixed = [frame(pixels, delay=20)]
    mixed += [frame(part, at, 10, disposal, clear) for disposal, (at, part) in zip((2, 3, 1, 3, 2), spots)]
    add("disposal_mixed.gif", gif(size, palette, mixed, loops=3, background=9))
    add("disposal_2_of_opaque_frames.gif", gif(size, palette, [frame(spot + i, at, 10, 2) for i, (at, _) in enumerate(spots)], loops=0))
    add("starts_transparent.gif", gif(size, palette, [frame(part, at, 10, 1, clear) for at, part in spots], loops=0))

    other = np.asarray(scene(240, 180).convert("L").quantize(120))
    greys = np.array(scene(240, 180).convert("L").quantize(120).getpalette()).reshape(-1, 3)[:120]
    add("own_palettes.gif", gif(size, palette, [frame(pixels, delay=3), frame(other, delay=4, palette=greys)], loops=0))
    times = [frame(pixels if i % 2 else other, delay=delay) for i, delay in enumerate((0, 1, 2, 100, 6000, 65535))]
    add("times.gif", gif(size, palette, times, loops=65535))
    add("without_loop.gif", gif(size, palette, [frame(pixels), frame(other)]))
    add("interlaced.gif", gif(size, palette, [frame(pixels, interlaced=True)]))
    add("interlaced_animated.gif", gif(size, palette, [frame(pixels, interlaced=True), frame(other, interlaced=True)], loops=1))
    add("still_transparent.gif", gif(size, palette, [frame(np.where(pixels % 7 < 2, clear, pixels), transparent=clear)]))
    add("gif87a.gif", gif(size, palette, [frame(pixels)[8:]], signature=b"GIF87a"))
    add("frame_leaves_the_canvas.gif", gif(size, palette, [frame(pixels), frame(spot, (200, 150))], loops=0))
    add("same_frames.gif", gif(size, palette, [frame(pixels, delay=4)] * 3 + [frame(other, delay=5)] * 2, loops=0))
    add("small.gif", gif((40, 30), palette, [frame(pixels[:30, :40], delay=9), frame(pixels[60:90, 60:100], delay=8)], loops=0))
    add("wide.gif", gif((4000, 3), palette, [frame(np.tile(pixels[:3], (1, 17))[:, :4000])] * 2, loops=0))
    add("without_trailer.gif", gif(size, palette, [frame(pixels), frame(other)], loops=0)[:-1])
    add("zip_behind.gif", gif(size, palette, [frame(pixels)]) + b"PK\3\4" + bytes(200))

    dot = frame(np.full((1, 1), 3, np.uint8))
    add("a_hundred_thousand_frames.gif", gif((8, 8), palette, [dot] * 100_000), refused=["too_many_frames"])
    add("large_canvas_of_many_frames.gif", gif((9000, 9000), palette, [dot] * 50), refused=["too_many_pixels", "too_many_total_pixels", "animation_too_large", "too_many_frame_pixels", "decoder_memory"])
    add("only_a_header.gif", b"GIF89a" + struct.pack("<HHBBB", 100, 100, 0, 0, 0), refused=["decode_failed", "cut_short"])

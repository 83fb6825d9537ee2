"""GIF89a (https://www.w3.org/Graphics/GIF/spec-gif89a.txt), composed as browsers do it.

Pillow fills what "restore to background" uncovers with a colour where browsers clear it, hence this small decoder.
"""

import numpy as np
from PIL import Image

from moving import Moving


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise ValueError("the GIF ends too early")
        self.at += count
        return taken

    def byte(self):
        return self.take(1)[0]

    def word(self):
        return int.from_bytes(self.take(2), "little")

    def blocks(self):
        parts = []
        while size := self.byte():
            parts.append(self.take(size))
        return b"".join(parts)

    def palette(self, flags):
        if not flags & 0x80:
            return None
        return np.frombuffer(self.take(3 << ((flags & 7) + 1)), np.uint8).reshape(-1, 3)


def read(data):
    """Every frame, clipped to the canvas; durations in milliseconds."""
    reader = Reader(data)
    if reader.take(6) not in (b"GIF87a", b"GIF89a"):
        raise ValueError("not a GIF")
    width, height = reader.word(), reader.word()
    flags = reader.byte()
    reader.take(2)
    shared_palette = reader.palette(flags)

    canvas = np.zeros((height, width, 4), np.uint8)
    frames, durations, loops = [], [], None
    delay, disposal, transparent = 0, 0, None
    while True:
        try:
            kind = reader.byte()
        except ValueError:
            if frames:  # without its trailer, but whole otherwise
                break
            raise
        if kind == 0x3B:
            break
        if kind == 0x21:
            label, body = reader.byte(), reader.blocks()
            if label == 0xF9:
                disposal = body[0] >> 2 & 7
                delay = int.from_bytes(body[1:3], "little")
                transparent = body[3] if body[0] & 1 else None
            elif label == 0xFF and body[:11] in (b"NETSCAPE2.0", b"ANIMEXTS1.0") and body[11] == 1:
                loops = int.from_bytes(body[12:14], "little")
        elif kind == 0x2C:
            left, top, w, h, flags = (*(reader.word() for _ in range(4)), reader.byte())
            palette = reader.palette(flags)
            palette = shared_palette if palette is None else palette
            indices = decompressed(reader.byte(), reader.blocks(), w * h).reshape(h, w)
            if flags & 0x40:
                indices = indices[interlaced(h)]
            before = canvas.copy()
            draw(canvas, indices, left, top, palette, transparent)
            frames.append(Image.fromarray(canvas.copy(), "RGBA"))
            durations.append(delay * 10)
            if disposal == 2:
                canvas[top : top + h, left : left + w] = 0
            elif disposal == 3:
                canvas = before
            delay, disposal, transparent = 0, 0, None
        elif kind != 0:
            raise ValueError(f"a block of kind {kind:#x}")
    if not frames:
        raise ValueError("a GIF without frames")
    return Moving(frames, durations if len(frames) > 1 else [], loops if len(frames) > 1 else None)


def draw(canvas, indices, left, top, palette, transparent):
    height, width = canvas.shape[:2]
    indices = indices[: max(0, height - top), : max(0, width - left)]
    h, w = indices.shape
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(palette)] = palette
    seen = np.ones(indices.shape, bool) if transparent is None else indices != transparent
    part = canvas[top : top + h, left : left + w]
    part[seen] = np.concatenate([colours[indices[seen]], np.full((seen.sum(), 1), 255, np.uint8)], axis=1)


def interlaced(height):
    """For each row of the picture, its place in the file."""
    order = [row for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in range(start, height, step)]
    return np.argsort(order)


def decompressed(bits, data, count):
    """LZW of `bits` bits to `count` palette indices; what is missing stays 0."""
    clear, end = 1 << bits, (1 << bits) + 1
    table, size, previous = None, bits + 1, None
    out, accumulator, available = bytearray(), 0, 0
    for byte in data:
        accumulator |= byte << available
        available += 8
        while available >= size:
            code = accumulator & (1 << size) - 1
            accumulator >>= size
            available -= size
            if code == clear or table is None:
                table = [bytes([i]) for i in range(clear)] + [b"", b""]
                size, previous = bits + 1, None
                if code == clear:
                    continue
            if code == end or len(out) >= count:
                return padded(out, count)
            if code < len(table):
                entry = table[code]
            elif previous is not None and code == len(table):
                entry = previous + previous[:1]
            else:
                return padded(out, count)
            out += entry
            if previous is not None and len(table) < 4096:
                table.append(previous + entry[:1])
                if len(table) == 1 << size and size < 12:
                    size += 1
            previous = entry
    return padded(out, count)


def padded(out, count):
    return np.frombuffer(bytes(out[:count]).ljust(count, b"\0"), np.uint8)

"""AVIF: every subsampling, grey, alpha, lossless, more than 8 bits, with a profile, turned and mirrored, in tiles, moving."""

import io
import struct

import numpy as np
import pyvips
from PIL import Image

from . import icc
from .jpeg import exif, stored
from .scene import scene, see_through, smooth


def coded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "AVIF", **({"quality": 90, "speed": 8} | options))
    return buffer.getvalue()


def deep(image, bits, **options):
    """In 10 or 12 bits, by libheif."""
    levels = np.asarray(image).astype(np.uint16) * 257
    shown = pyvips.Image.new_from_array(levels, interpretation="rgb16")
    return shown.heifsave_buffer(compression="av1", bitdepth=bits, effort=1, Q=90, **options)


def box(kind, *parts):
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def full(kind, *parts, version=0, flags=0):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def boxes(data):
    while data:
        size, kind = struct.unpack(">I4s", data[:8])
        yield kind, data[8:size]
        data = data[size:]


def sub(data, *path):
    """What is in the box at the end of a path; `meta` has a version in front of its boxes."""
    for kind in path:
        data = dict(boxes(data))[kind]
        data = data[4:] if kind == b"meta" else data
    return data


def bitstream(avif):
    """The AV1 data of a file of one item, and its properties by name."""
    return sub(avif, b"mdat"), dict(boxes(sub(avif, b"meta", b"iprp", b"ipco")))


def built(items, primary=1, references=b""):
    """A file of items [(kind, data, [property])]; of a property, whether it is essential is told by its name."""
    essential = (b"av1C", b"irot", b"imir", b"clap")
    pool, associations, infos = [], [], []
    for number, (kind, _, properties) in enumerate(items, 1):
        indices = []
        for one in properties:
            if one not in pool:
                pool.append(one)
            indices.append(pool.index(one) + 1 | (0x80 if one[4:8] in essential else 0))
        associations.append(struct.pack(">HB", number, len(indices)) + bytes(indices))
        infos.append(full(b"infe", struct.pack(">HH4s", number, 0, kind), b"\0", version=2))
    head = box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")

    def meta(start):
        places, at = [], start
        for number, (_, data, _) in enumerate(items, 1):
            places.append(struct.pack(">HHHII", number, 0, 1, at, len(data)))
            at += len(data)
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", primary)),
            full(b"iloc", b"\x44\x00", struct.pack(">H", len(items)), *places),
            full(b"iinf", struct.pack(">H", len(items)), *infos),
            box(b"iprp", box(b"ipco", *pool), full(b"ipma", struct.pack(">I", len(items)), *associations)),
            full(b"iref", references) if references else b"",
        )

    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", *(data for _, data, _ in items))


def extent(width, height):
    return full(b"ispe", struct.pack(">II", width, height))


def grid(image, columns, rows, side, *properties, **options):
    """In tiles that stand out at the right and at the bottom."""
    wide = Image.fromarray(np.pad(np.asarray(image), [(0, rows * side - image.height), (0, columns * side - image.width), (0, 0)], "edge"))
    tiles = []
    for top in range(0, rows * side, side):
        for left in range(0, columns * side, side):
            data, known = bitstream(coded(wide.crop((left, top, left + side, top + side)), **options))
            tiles.append((b"av01", data, [extent(side, side), box(b"av1C", known[b"av1C"]), box(b"colr", known[b"colr"])]))
    layout = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *image.size)
    numbers = struct.pack(f">{len(tiles) + 2}H", 1, len(tiles), *range(2, len(tiles) + 2))
    return built([(b"grid", layout, [extent(*image.size), *properties]), *tiles], references=box(b"dimg", numbers))


def with_colours(avif, primaries, transfer):
    """The same samples with another meaning."""
    at = avif.index(b"nclx") + 4
    return avif[:at] + struct.pack(">HH", primaries, transfer) + avif[at + 4 :]


def files(add):
    picture, soft = scene(), see_through()
    upright = add.truth("scene", picture)
    for name in ("4:2:0", "4:2:2", "4:4:4"):
        for span in ("full", "limited"):
            add(f"{name.replace(':', '')}_{span}.avif", coded(picture, subsampling=name, range=span))
        add(f"{name.replace(':', '')}_odd.avif", coded(scene(333, 251), subsampling=name))
        add(f"{name.replace(':', '')}_small.avif", coded(scene(61, 47), subsampling=name))
        add(f"{name.replace(':', '')}_alpha.avif", coded(soft, subsampling=name))
    add("grey.avif", coded(picture.convert("L")))
    add("grey_limited.avif", coded(picture.convert("L"), range="limited"))
    add("grey_alpha.avif", coded(soft.convert("LA")))
    add("alpha_limited.avif", coded(soft, range="limited"))
    add("lossless.avif", coded(picture, quality=100, subsampling="4:4:4"), like=upright)
    add("premultiplied.avif", coded(soft, alpha_premultiplied=True))
    add("small_alpha.avif", coded(see_through(64, 48)))
    for bits in (10, 12):
        add(f"{bits}_bits_420.avif", deep(picture, bits, subsample_mode="on"))
        add(f"{bits}_bits_444.avif", deep(picture, bits, subsample_mode="off"), like=upright)
        add(f"{bits}_bits_lossless.avif", deep(picture, bits, lossless=True), like=upright)
        add(f"{bits}_bits_alpha.avif", deep(soft, bits), like=add.truth("see_through", soft))
    add("icc_p3.avif", coded(picture, icc_profile=icc.rgb(icc.P3)))
    add("icc_p3_alpha.avif", coded(soft, icc_profile=icc.rgb(icc.P3)))
    for orientation in range(2, 9):
        add(f"turned_{orientation}.avif", coded(stored(picture, orientation), subsampling="4:4:4", exif=exif(orientation)), like=upright)
    add("wide.avif", coded(scene(6000, 20)))
    add("dot.avif", coded(scene(1, 1), quality=100, subsampling="4:4:4"))

    plain = coded(picture, quality=100, subsampling="4:4:4")
    add("nclx_bt709.avif", with_colours(plain, 1, 1), like=upright)
    add("nclx_unknown.avif", with_colours(plain, 2, 2), like=upright)
    # The same numbers with the same meaning, told by a profile.
    in_p3 = smooth()
    in_p3.info["icc_profile"] = icc.rgb(icc.P3)
    bare = coded(smooth(), quality=100, subsampling="4:4:4")
    add("nclx_p3.avif", with_colours(bare, 12, 4), like=add.truth("p3", in_p3))

    add("grid.avif", grid(picture, 4, 3, 2 * -(-picture.width // 8)))
    add("grid_444.avif", grid(picture, 2, 2, 2 * -(-picture.width // 4), subsampling="4:4:4"), like=upright)
    left = stored(picture, 6)
    add("grid_turned.avif", grid(left, 3, 4, 2 * -(-left.height // 8), box(b"irot", b"\x03"), subsampling="4:4:4"), like=upright)
    data, known = bitstream(coded(picture, subsampling="4:4:4"))
    properties = [extent(*picture.size), box(b"av1C", known[b"av1C"]), box(b"colr", known[b"colr"])]
    width, height = picture.width // 4 * 2, picture.height // 4 * 2
    part = picture.crop(((picture.width - width) // 2, (picture.height - height) // 2, (picture.width + width) // 2, (picture.height + height) // 2))
    crop = box(b"clap", struct.pack(">8i", width, 1, height, 1, 0, 1, 0, 1))
    add("crop.avif", built([(b"av01", data, [*properties, crop])]), like=add.truth("part", part))

    small = [scene(240, 180).rotate(turn) for turn in (0, 30, 60)]
    moving = coded(small[0], save_all=True, append_images=small[1:], duration=[40, 80, 1000])
    add("moving.avif", moving)
    whole = coded(picture)
    add("cut.avif", whole[: len(whole) // 2], refused=["decode_failed"])
    add("without_a_size.avif", whole.replace(b"ispe", b"free", 1), refused=["decode_failed"])

"""TIFF: sample types, colour spaces, alphas, tiles, planes, compressions, orientations, pages."""

import io
import struct

import numpy as np
import tifffile
from PIL import Image

from . import icc
from .jpeg import stored
from .scene import scene, see_through


def tiff(values, photometric="rgb", **options):
    buffer = io.BytesIO()
    options = {"metadata": None, "byteorder": "<"} | options
    tifffile.imwrite(buffer, values, photometric=photometric, **options)
    return buffer.getvalue()


def with_libtiff(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", **options)
    return buffer.getvalue()


def files(add):
    picture, soft = scene(), see_through()
    upright, faint = add.truth("scene", picture), add.truth("soft", soft)
    pixels, grey, see = np.asarray(picture), np.asarray(picture.convert("L")), np.asarray(soft)
    deep = pixels.astype(np.uint16) * 257

    add("rgb_8.tif", tiff(pixels), like=upright)
    add("rgb_8_big_endian.tif", tiff(pixels, byteorder=">"), like=upright)
    add("rgb_16.tif", tiff(deep), like=upright)
    add("rgb_16_big_endian.tif", tiff(deep, byteorder=">"), like=upright)
    add("rgb_float.tif", tiff((pixels / 255).astype(np.float32)), like=upright)
    bright = (pixels / 255).astype(np.float32)
    bright[100:110, 100:110] = 50.0
    clamped = pixels.copy()
    clamped[100:110, 100:110] = 255
    add("rgb_float_beyond_white.tif", tiff(bright), like=add.truth("clamped", Image.fromarray(clamped)))
    add("grey_8.tif", tiff(grey, "minisblack"))
    add("grey_16.tif", tiff(grey.astype(np.uint16) * 257, "minisblack"))
    add("grey_float.tif", tiff((grey / 255).astype(np.float32), "minisblack"))
    add("white_is_zero.tif", tiff(255 - grey, "miniswhite"))
    add("bilevel.tif", with_libtiff(picture.convert("1", dither=Image.Dither.NONE)))
    add("bilevel_group4.tif", with_libtiff(picture.convert("1", dither=Image.Dither.NONE), compression="group4"))
    add("palette.tif", with_libtiff(picture.quantize(256)))
    add("cmyk.tif", tiff(np.asarray(picture.convert("CMYK")), "separated"), like=upright)
    add("cmyk_icc.tif", with_libtiff(picture.convert("CMYK"), icc_profile=icc.cmyk()))
    add("rgb_icc.tif", with_libtiff(picture, icc_profile=icc.rgb(icc.P3)))
    add("straight_alpha.tif", tiff(see, extrasamples=["UNASSALPHA"]), like=faint)
    premultiplied = see.copy()
    premultiplied[:, :, :3] = np.rint(see[:, :, :3] * (see[:, :, 3:] / 255))
    add("premultiplied_alpha.tif", tiff(premultiplied, extrasamples=["ASSOCALPHA"]), like=faint)
    add("premultiplied_alpha_16.tif", tiff(premultiplied.astype(np.uint16) * 257, extrasamples=["ASSOCALPHA"]), like=faint)
    add("unspecified_extra.tif", tiff(np.dstack([pixels, grey]), extrasamples=["UNSPECIFIED"]), like=upright)
    add("tiled.tif", tiff(pixels, tile=(64, 64)), like=upright)
    add("planes.tif", tiff(np.moveaxis(pixels, 2, 0), planarconfig="separate"), like=upright)
    add("deflated.tif", tiff(pixels, compression="zlib"), like=upright)
    add("predicted.tif", with_libtiff(picture, compression="tiff_lzw", tiffinfo={317: 2}), like=upright)
    add("packbits.tif", with_libtiff(picture, compression="packbits"), like=upright)
    add("jpeg_inside.tif", with_libtiff(picture, compression="jpeg", quality=92))
    add("strips.tif", tiff(pixels, rowsperstrip=7), like=upright)
    add("bigtiff.tif", tiff(pixels, bigtiff=True), either=True)
    for orientation in range(2, 9):
        turned = np.asarray(stored(picture, orientation))
        add(f"orientation_{orientation}.tif", tiff(turned, extratags=[(274, 3, 1, orientation, True)]), like=upright)
    pages = io.BytesIO()
    picture.save(pages, "TIFF", save_all=True, append_images=[picture.convert("L")])
    add("two_pages.tif", pages.getvalue(), like=upright)
    plain = tiff(pixels)
    add("looping.tif", looping(plain), either=True)
    add("cut.tif", plain[: len(plain) // 2], either=True)
    add("a_header_of_huge_size.tif", resized(plain), refused=["too_many_pixels", "too_large", "decoder_memory", "decode_failed"])


def directory(data):
    at = struct.unpack_from("<I", data, 4)[0]
    return at, struct.unpack_from("<H", data, at)[0]


def looping(data):
    """The first directory names itself as the next one."""
    at, count = directory(data)
    end = at + 2 + 12 * count
    return data[:end] + struct.pack("<I", at) + data[end + 4 :]


def resized(data):
    at, count = directory(data)
    data = bytearray(data)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag = struct.unpack_from("<H", data, entry)[0]
        if tag in (256, 257):
            struct.pack_into("<HII", data, entry + 2, 4, 1, 1_000_000)
    return bytes(data)

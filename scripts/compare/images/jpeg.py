"""JPEG: samplings, colour spaces, markers, profiles, orientations, and files that were cut."""

import io
import struct

import numpy as np
import simplejpeg
from PIL import Image

from . import icc
from .scene import scene, smooth

UPRIGHT_FROM = {  # how to store an upright picture so that this orientation brings it back
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(image, orientation):
    return image.transpose(UPRIGHT_FROM[orientation]) if orientation in UPRIGHT_FROM else image


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "A camera"
    return tags.tobytes()


def coded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **({"quality": 92} | options))
    return buffer.getvalue()


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(data, *segments):
    return data[:2] + b"".join(segments) + data[2:]


def icc_segments(profile, count):
    size = -(-len(profile) // count)
    parts = [profile[i : i + size] for i in range(0, len(profile), size)]
    return [segment(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, len(parts)]) + part) for i, part in enumerate(parts)]


def ycck(image):
    """Adobe's: CMYK inverted, then made YCCK, which takes the complement once more."""
    inks = np.asarray(image.convert("CMYK"))
    ycc = np.asarray(Image.fromarray(np.ascontiguousarray(inks[:, :, :3])).convert("YCbCr"))
    # Pillow inverts what it writes of CMYK, and says "transform 0".
    planes = np.dstack([255 - ycc, inks[:, :, 3]])
    data = bytearray(coded(Image.fromarray(planes, "CMYK"), subsampling=0))
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def scans(data, times):
    """A progressive file with its last scan repeated."""
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * times + b"\xff\xd9"


def files(add):
    picture, upright = scene(), add.truth("scene", scene())
    cmyk = picture.convert("CMYK")
    for orientation in range(1, 9):
        add(f"orientation_{orientation}.jpg", coded(stored(picture, orientation), exif=exif(orientation)), like=upright)
    add("orientation_of_none.jpg", coded(picture, exif=exif(9)), like=upright)

    for sampling in ("444", "422", "440", "420", "411"):
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(picture), 92, "RGB", sampling)
        add(f"sampling_{sampling}.jpg", data, like=upright)
    add("odd_size.jpg", coded(scene(641, 479)))
    add("grey.jpg", coded(picture.convert("L")))
    add("rgb_without_ycc.jpg", coded(picture, keep_rgb=True, subsampling=0), like=upright)
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        add(f"progressive_{name}.jpg", coded(picture, progressive=True, subsampling=sampling), like=upright)
    add("progressive_large.jpg", coded(scene(2600, 2000), progressive=True))
    add("baseline_large.jpg", coded(scene(2600, 2000)))
    add("progressive_grey.jpg", coded(picture.convert("L"), progressive=True))
    add("cmyk.jpg", coded(cmyk), like=upright)
    add("cmyk_progressive.jpg", coded(cmyk, progressive=True), like=upright)
    add("ycck.jpg", ycck(picture), like=upright)
    add("quantised_with_16_bits.jpg", coded(picture, qtables=[[2] * 40 + [300] * 24, [2] * 40 + [400] * 24]))
    add("restarts.jpg", coded(picture, restart_marker_blocks=3), like=upright)
    add("restarts_progressive.jpg", coded(picture, progressive=True, restart_marker_rows=1), like=upright)

    plain = coded(picture)
    add("junk_after_end.jpg", plain + b"\0\xff\xd8\xff\xe0junk" * 300, like=upright)
    add("without_end.jpg", plain[:-2], like=upright)
    add("fill_bytes.jpg", plain[:2] + b"\xff\xff\xff" + plain[2:], like=upright)
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    first, second = segment(0xE1, b"Exif\0\0" + exif(6)[6:]), segment(0xE2, b"MPF\0II*\0")
    turned = coded(stored(picture, 6))
    add("many_segments.jpg", with_segments(turned, xmp, second, first, xmp, segment(0xED, b"Photoshop 3.0\0"), segment(0xFE, b"hello")), like=upright)
    add("wrong_name.png", plain, like=upright)

    p3 = icc.rgb(icc.P3)
    for name, profile in {"p3": p3, "adobe": icc.rgb(icc.ADOBE), "prophoto": icc.rgb(icc.PROPHOTO, (0.3457, 0.3585), 1.8)}.items():
        add(f"icc_{name}.jpg", coded(picture, icc_profile=profile))
    add("icc_p3_progressive_large.jpg", coded(scene(2600, 2000), icc_profile=p3, progressive=True))
    add("icc_grey.jpg", coded(smooth().convert("L"), icc_profile=icc.grey(1.0)))
    add("icc_cmyk.jpg", coded(cmyk, icc_profile=icc.cmyk()))
    add("icc_in_many_chunks.jpg", with_segments(plain, *icc_segments(p3, 40)))
    add("icc_in_reversed_chunks.jpg", with_segments(plain, *icc_segments(p3, 5)[::-1]), like=add.truth("p3", converted(picture, p3)))
    add("icc_lacks_a_chunk.jpg", with_segments(plain, *icc_segments(p3, 5)[1:]), like=upright)
    add("icc_broken.jpg", coded(picture, icc_profile=b"\x5a" * 400), like=upright)
    add("icc_cut.jpg", coded(picture, icc_profile=p3[:200]), like=upright)
    add("icc_of_rgb_on_grey.jpg", coded(picture.convert("L"), icc_profile=p3))
    add("icc_of_grey_on_rgb.jpg", coded(picture, icc_profile=icc.grey(1.0)), like=upright)
    add("icc_and_orientation.jpg", coded(stored(picture, 5), icc_profile=p3, exif=exif(5)), like=add.truth("p3", converted(picture, p3)))

    add("cut_at_80_percent.jpg", plain[: len(plain) * 8 // 10], like=upright, rows=0.5)
    add("cut_at_30_percent.jpg", plain[: len(plain) * 3 // 10], refused=["decode_failed", "cut_short"])
    add("cut_in_its_header.jpg", plain[:300], refused=["decode_failed", "cut_short"])
    for name, size in {"wide": (6000, 20), "tall": (60, 6000), "dot": (1, 1), "line": (3000, 1), "column": (1, 3000)}.items():
        add(f"{name}.jpg", coded(scene(*size)))
    progressive = coded(scene(64, 48), progressive=True)
    add("ten_thousand_scans.jpg", scans(progressive, 10_000), either=True)
    add("a_header_of_65535.jpg", huge(plain), refused=["too_many_pixels", "too_large", "decoder_memory", "decode_failed"])


def converted(image, profile):
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))


def huge(data):
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + b"\xff\xff\xff\xff" + data[at + 4 : at + 100]

"""ICC profiles (https://www.color.org/specification/ICC.1-2022-05.pdf), small ones, built from their numbers."""

import struct

import numpy as np

D50 = (0.9642, 1.0, 0.8249)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65 = (0.3127, 0.3290)
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def text(kind, words):
    if kind == "desc":
        return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words.encode() + b"\0" + bytes(78)
    return b"text\0\0\0\0" + words.encode() + b"\0"


def profile(kind, space, connection, tags, name):
    tags = {"desc": text("desc", name), "cprt": text("text", "no copyright"), "wtpt": xyz(D50), **tags}
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        table += tag.encode() + struct.pack(">II", at + len(body), len(data))
        body += data
    header = struct.pack(">I4sI4s4s4s12s4s", at + len(body), b"none", 0x02400000, kind, space, connection, bytes(12), b"acsp")
    header = header.ljust(68, b"\0") + b"".join(map(fixed, D50))
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def white_xyz(white):
    x, y = white
    return np.array([x / y, 1, (1 - x - y) / y])


def primaries_matrix(primaries, white):
    """Linear RGB to XYZ under D50."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    matrix = columns * np.linalg.solve(columns, white_xyz(white))
    cones = BRADFORD @ np.array(D50) / (BRADFORD @ white_xyz(white))
    return np.linalg.inv(BRADFORD) @ np.diag(cones) @ BRADFORD @ matrix


def rgb(primaries, white=D65, exponent=2.2, name="RGB of a camera"):
    columns = primaries_matrix(primaries, white).T
    tags = {f"{c}XYZ": xyz(column) for c, column in zip("rgb", columns)}
    tags |= {f"{c}TRC": gamma(exponent) for c in "rgb"}
    return profile(b"mntr", b"RGB ", b"XYZ ", tags, name)


def grey(exponent):
    return profile(b"mntr", b"GRAY", b"XYZ ", {"kTRC": gamma(exponent)}, "Grey")


def cmyk(nodes=7):
    """A printing machine that overprints: each ink takes away light of its complement, none of it purely."""
    level = np.linspace(0, 1, nodes)
    c, m, y, k = np.meshgrid(level, level, level, level, indexing="ij")
    leaves = np.array([[0.10, 0.55, 0.85], [0.80, 0.10, 0.45], [0.95, 0.85, 0.08], [0.05, 0.05, 0.05]])
    light = np.ones((*c.shape, 3))
    for amount, rest in zip((c, m, y, k), leaves):
        light = light * (1 - amount[..., None] * (1 - rest))
    x = np.einsum("ij,...j->...i", primaries_matrix(ADOBE, D65), light**1.8) / np.array(D50)
    f = np.where(x > 216 / 24389, np.cbrt(x), (24389 / 27 * x + 16) / 116)
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
    # Lab of 16 bits as ICC version 2 has it: 100 is 0xFF00, 0 of a and b is 0x8000.
    stored = np.stack([lab[..., 0] / 100 * 0xFF00, (lab[..., 1] + 128) * 256, (lab[..., 2] + 128) * 256], axis=-1)
    grid = np.clip(np.rint(stored), 0, 65535).astype(">u2").tobytes()
    straight = struct.pack(">HH", 0, 65535)
    table = b"mft2\0\0\0\0" + bytes([4, 3, nodes, 0]) + b"".join(map(fixed, np.eye(3).ravel()))
    table += struct.pack(">HH", 2, 2) + straight * 4 + grid + straight * 3
    return profile(b"prtr", b"CMYK", b"Lab ", {"A2B0": table}, "A printing machine")

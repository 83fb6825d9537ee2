// Files to upload: small PNGs, each of another colour, and broken ones.

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";

export const SAMPLE = new URL("../../../samples/seeding_16mp_cc0.jpg", import.meta.url).pathname;

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  const check = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

function header(width, height) {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  // Eight bits of red, green and blue.
  data.set([8, 2, 0, 0, 0], 8);
  return chunk("IHDR", data);
}

const withData = (width, height, data) =>
  Buffer.concat([SIGNATURE, header(width, height), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);

/** A PNG of one colour with a diagonal, another one for each number. With `filler`, it has so many bytes more. */
export function png(number = 0, { width = 12, height = 9, filler = 0 } = {}) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const colour =
        x * height > y * width
          ? [(number * 37) & 255, (number * 101) & 255, (number >> 3) & 255]
          : [number & 255, (number >> 8) & 255, 200];
      rows.set(colour, y * (1 + width * 3) + 1 + x * 3);
    }
  const picture = withData(width, height, deflateSync(rows));
  if (!filler) return picture;
  // A private chunk that decoders pass over.
  return Buffer.concat([
    picture.subarray(0, 33),
    chunk("fiLl", Buffer.alloc(filler, number & 255)),
    picture.subarray(33),
  ]);
}

/** A BMP of one white pixel. */
export function bmp() {
  const file = Buffer.alloc(58);
  file.write("BM", "latin1");
  file.writeUInt32LE(58, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(1, 18);
  file.writeInt32LE(1, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(4, 34);
  file.fill(255, 54, 57);
  return file;
}

/** A PNG whose structure and checksums are right, and whose data no decoder can unpack: it is accepted and fails. */
export const undecodable = () => withData(12, 9, Buffer.from("this is not what zlib has made", "latin1"));

/** A PNG that ends too early: it is refused. */
export const truncated = () => png(1).subarray(0, 60);

/** Writes files into a temporary folder, and gives their paths. `contents` maps their names to their bytes. */
export class Folder {
  path = mkdtempSync(join(tmpdir(), "resizinator-files-"));

  write(contents) {
    return Object.entries(contents).map(([name, bytes]) => {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
      // What was chosen before is known again by it.
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      return path;
    });
  }

  /** Writes so many PNGs, `0000.png` and so on. */
  writeMany(count, options) {
    return this.write(
      Object.fromEntries(
        Array.from({ length: count }, (_, k) => [`${String(k).padStart(4, "0")}.png`, png(k, options)]),
      ),
    );
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}

// ThumbHash (https://evanw.github.io/thumbhash/): a picture of some pixels from about 25 bytes, which is painted until the
// thumbnail is there. It is the inverse of a discrete cosine transform of luma, two chroma channels and alpha.

/** The longer side in pixels. The browser makes it larger, and smooth. */
const SIDE = 20;

/** Paints the picture of a hash in base64 on a canvas, and says whether the hash was one. */
export function paint(canvas, base64) {
  const picture = decode(base64);
  if (!picture) return false;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return true;
}

function decode(base64) {
  let hash;
  try {
    hash = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
  if (hash.length < 5) return null;
  const first = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const second = hash[3] | (hash[4] << 8);
  const hasAlpha = first >> 23 !== 0;
  const isLandscape = second >> 15 !== 0;
  const side = second & 7;
  const [wide, high] = isLandscape ? [hasAlpha ? 5 : 7, side] : [side, hasAlpha ? 5 : 7];
  let nibble = hasAlpha ? 12 : 10;
  const next = () => {
    const byte = hash[nibble >> 1] ?? 0;
    return (nibble++ & 1 ? byte >> 4 : byte & 15) / 7.5 - 1;
  };
  const channel = (constant, scale, columns, rows) => {
    const terms = [{ x: 0, y: 0, factor: constant }];
    for (let y = 0; y < rows; y += 1)
      for (let x = y ? 0 : 1; x * rows < columns * (rows - y); x += 1) terms.push({ x, y, factor: next() * scale });
    return terms;
  };
  const luma = channel((first & 63) / 63, ((first >> 18) & 31) / 31, Math.max(3, wide), Math.max(3, high));
  const yellow = channel(((first >> 6) & 63) / 31.5 - 1, (((second >> 3) & 63) / 63) * 1.25, 3, 3);
  const red = channel(((first >> 12) & 63) / 31.5 - 1, (((second >> 9) & 63) / 63) * 1.25, 3, 3);
  const alpha = hasAlpha ? channel((hash[5] & 15) / 15, (hash[5] >> 4) / 15, 5, 5) : null;

  const ratio = Math.max(3, wide) / Math.max(3, high);
  const width = Math.round(ratio > 1 ? SIDE : SIDE * ratio);
  const height = Math.round(ratio > 1 ? SIDE / ratio : SIDE);
  const picture = new ImageData(width, height);
  const waves = (length) =>
    Array.from({ length: 7 }, (_, k) =>
      Array.from({ length }, (_, at) => Math.cos((Math.PI / length) * (at + 0.5) * k)),
    );
  const [across, down] = [waves(width), waves(height)];
  const value = (terms, x, y) =>
    terms.reduce((sum, term, index) => sum + term.factor * across[term.x][x] * down[term.y][y] * (index ? 2 : 1), 0);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      const [l, p, q] = [value(luma, x, y), value(yellow, x, y), value(red, x, y)];
      const blue = l - (2 / 3) * p;
      const sum = (3 * l - blue + q) / 2;
      picture.data[at] = sum * 255;
      picture.data[at + 1] = (sum - q) * 255;
      picture.data[at + 2] = blue * 255;
      picture.data[at + 3] = alpha ? value(alpha, x, y) * 255 : 255;
    }
  }
  return picture;
}

// What a page can say of a file before it is sent: that it is too large, empty, or of a type that is not accepted.

import { bytes, formats } from "./format.js";
import { words } from "./words.js";

const HEAD = 32;
const MOST_FRAGMENT = 12;

/** The formats by the bytes that their files begin with. The service looks more closely. */
const SIGNATURES = [
  ["jpeg", (head) => head.startsWith("\xff\xd8\xff")],
  ["png", (head) => head.startsWith("\x89PNG")],
  ["gif", (head) => head.startsWith("GIF8")],
  ["webp", (head) => head.startsWith("RIFF") && head.slice(8, 12) === "WEBP"],
  ["bmp", (head) => head.startsWith("BM")],
  [
    "tiff",
    (head) =>
      head.startsWith("II*\0") || head.startsWith("MM\0*") || head.startsWith("II+\0") || head.startsWith("MM\0+"),
  ],
  ["avif", (head) => isMedia(head) && /avi[fs]/.test(head)],
  ["heic", (head) => isMedia(head) && /hei[cxms]|hev[cx]|mif1|msf1/.test(head.slice(8))],
  ["svg", (head) => /^\s*(<svg|<\?xml)/.test(head)],
];

const isMedia = (head) => head.slice(4, 8) === "ftyp";

/** The reason for which the service would refuse a file, as a sentence; null if none is seen. `limits` is `GET limits/`. */
export async function refusalOf(file, limits) {
  const { file: limit } = limits;
  if (file.size === 0) return words.uploads.empty;
  if (file.size > limit.bytes) return words.uploads.tooLarge(bytes(file.size), bytes(limit.bytes));
  if ([...file.name].length > limit.name_characters) return words.uploads.longName(limit.name_characters);
  let head;
  try {
    head = String.fromCharCode(...new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  } catch {
    return words.uploads.unreadable;
  }
  const [format] = SIGNATURES.find(([, matches]) => matches(head)) ?? [];
  const accepted = formats(limit.formats);
  if (format === "heic") return words.uploads.heic(accepted);
  if (format === "svg") return words.uploads.svg(accepted);
  // A file that is damaged at its beginning is for the service to judge; one of another type by its name is not.
  const isImage = file.type.startsWith("image/") || !file.type;
  if (!format && (!isImage || file.size < MOST_FRAGMENT)) return words.uploads.wrongType(accepted);
  return null;
}

/** What file pickers are to offer. Telephones turn HEIC into JPEG if it is not named here. */
export const ACCEPT = "image/jpeg,image/png,image/gif,image/webp,image/avif,image/tiff,image/bmp";

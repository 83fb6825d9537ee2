// Links and downloads. The links are signed and work without a token until they expire.

import { h } from "./dom.js";
import { notices } from "./notices.js";
import { words } from "./words.js";

/** Copies the links of the originals, or of another size. */
export async function copyLinks(records, size = "original") {
  const links = records.map((record) => record.urls[size]).filter((url) => url);
  try {
    await navigator.clipboard.writeText(links.join("\n"));
    notices.say(words.selection.copied(links.length));
  } catch {
    // Without HTTPS a browser lends the clipboard to no page but those of the same machine.
    notices.say(words.selection.notCopied);
  }
}

/** Downloads the original. From another host a browser opens it instead. */
export function download(record, size = "original") {
  const link = h("a", { href: record.urls[size], download: record.file_name, target: "_blank", rel: "noopener" });
  document.body.append(link);
  link.click();
  link.remove();
}

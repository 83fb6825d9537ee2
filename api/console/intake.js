// The ways in which files come: file, folder and camera pickers, dropping them anywhere on the page, and pasting.

import { h, icon } from "./dom.js";
import { ACCEPT } from "./inspect.js";
import { notices } from "./notices.js";
import { uploads } from "./uploads.js";
import { words } from "./words.js";

/** Files that systems put into folders, and that nobody means to upload. */
const isLitter = (name) => name.startsWith(".") || /^(thumbs\.db|desktop\.ini)$/i.test(name);

function take(files) {
  if (files.length > 0) uploads.add(files);
  else notices.say(words.uploads.noFiles);
}

/** Opens a picker. `attributes` are those of the input. */
export function pick(attributes = { multiple: true }) {
  const input = h("input", { type: "file", accept: ACCEPT, ...attributes });
  input.addEventListener("change", () => {
    const files = [...input.files];
    take(input.webkitdirectory ? files.filter((file) => !isLitter(file.name)) : files);
  });
  input.click();
}

/** The buttons of the pickers. */
export function pickers() {
  const button = (name, label, attributes, kind) =>
    h(
      "button",
      { type: "button", class: kind, "aria-label": label, title: label, onclick: () => pick(attributes) },
      icon(name),
      h("span", {}, label),
    );
  return [
    button("upload", words.gallery.upload, { multiple: true }, "primary"),
    button("folder", words.gallery.folder, { webkitdirectory: true, multiple: true }, "folder"),
    button("camera", words.gallery.camera, { capture: "environment" }, "camera"),
  ];
}

/** Takes files that are dropped on the page or pasted. */
export function listen() {
  const veil = h("div", { class: "veil", "aria-hidden": "true" }, h("p", {}, words.uploads.drop));
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const cover = (by) => {
    depth = Math.max(0, depth + by);
    veil.classList.toggle("shown", depth > 0);
  };
  document.body.append(veil);
  addEventListener("dragenter", (event) => hasFiles(event) && cover(1));
  addEventListener("dragleave", (event) => hasFiles(event) && cover(-1));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    cover(0);
    take(await dropped(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  });
}

/** All files of a drop, those in folders too. */
async function dropped(transfer) {
  // The entries have to be taken before the first `await`.
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const files = [];
  for (const entry of entries) {
    if (entry instanceof File) files.push(entry);
    else if (entry) await walk(entry, files);
  }
  return files;
}

async function walk(entry, files) {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file && !isLitter(file.name)) files.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // It gives the entries of a folder in pieces, and an empty one at the end.
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (entries.length === 0) return;
    for (const one of entries) await walk(one, files);
  }
}

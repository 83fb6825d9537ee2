// A table with a caption, whose cells are texts or elements.

import { h } from "./dom.js";

/** A text with more characters may be broken into lines. */
const LONG = 40;

/** `columns` are the heads; a head that is empty is for buttons. */
export function table(caption, columns, rows) {
  return h(
    "div",
    { class: "table", role: "region", tabindex: "0", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((text) => (text ? h("th", { scope: "col" }, text) : h("td"))),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((cells) =>
          h(
            "tr",
            {},
            cells.map((cell, index) =>
              h(index ? "td" : "th", { scope: index ? null : "row", class: cell.length > LONG && "long" }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}

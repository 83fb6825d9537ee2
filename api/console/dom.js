// Elements. Text becomes text nodes: nothing is ever parsed as HTML, whatever a file or a user is called.

/**
 * Makes an element. Functions whose name begins with `on` are listeners, `true` and `false` set and leave out an
 * attribute, `style` has custom properties and other properties; everything else is an attribute.
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (key === "style")
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

// Outlines on a square of 24 units.
const OUTLINES = {
  upload: "M12 16V4m0 0L7 9m5-5 5 5M4 16v4h16v-4",
  folder: "M3 6h6l2 2h10v11H3z",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  close: "M5 5l14 14M19 5 5 19",
  previous: "M15 4l-8 8 8 8",
  next: "M9 4l8 8-8 8",
  down: "M5 9l7 7 7-7",
  retry: "M20 11a8 8 0 1 0-2 6m2-11v5h-5",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  download: "M12 4v12m0 0-5-5m5 5 5-5M4 20h16",
};

/** A picture for a button; screen readers pass it over. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", OUTLINES[name]);
  svg.append(path);
  return svg;
}

/** A button with a picture; `label` is read out and shown as a tip. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h(
    "button",
    { type: "button", class: "plain", "aria-label": label, title: label, onclick, ...attributes },
    icon(name),
  );
}

/** Replaces all children of an element. If one that takes the focus has it, the one at its place gets it. */
export function repaint(element, ...children) {
  const targets = () => [...element.querySelectorAll("a[href], button, [tabindex]")];
  const place = targets().indexOf(document.activeElement);
  element.replaceChildren(...children);
  if (place >= 0)
    targets()
      .slice(0, place + 1)
      .at(-1)
      ?.focus({ preventScroll: true });
}

let ids = 0;

/** An id that no other element of the page has. */
export const newId = () => `e${(ids += 1)}`;

/** A field of a form with its label, and a hint under it. */
export function field(label, attributes, hint) {
  const id = newId();
  const hintId = hint ? newId() : null;
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h("input", { id, "aria-describedby": hintId, ...attributes }),
    hint && h("p", { id: hintId, class: "hint" }, hint),
  );
}

// Sentences at the edge of the page that tell what has happened. Screen readers read them out.

import { h, iconButton } from "./dom.js";
import { words } from "./words.js";

const SECONDS = 6;

class Notices {
  /** What had the focus before a notice got it. */
  #before = null;
  #region = h("div", {
    class: "notices",
    role: "status",
    "aria-live": "polite",
    onfocusin: ({ relatedTarget }) => {
      if (!this.#region.contains(relatedTarget)) this.#before = relatedTarget;
    },
  });
  #shown = new Map();

  /** Puts the sentences into the dialog that is open, since what is outside of it cannot be reached; or onto the page. */
  moveTo(place) {
    place.append(this.#region);
  }

  /** Shows a sentence for some seconds. The same sentence is not shown twice at a time unless `isOnly` is false. Gives a function that takes it away. */
  say(text, { action, act, seconds = SECONDS, isOnly = true } = {}) {
    if (isOnly) this.#shown.get(text)?.();
    const button = action && h("button", { type: "button", onclick: () => (close(), act()) }, action);
    const notice = h(
      "div",
      { class: "notice" },
      h("p", {}, text),
      button,
      iconButton("close", words.close, () => close()),
    );
    const close = () => {
      clearTimeout(timer);
      const hadFocus = notice.contains(document.activeElement);
      notice.remove();
      if (hadFocus) this.#giveBack();
      if (this.#shown.get(text) === close) this.#shown.delete(text);
    };
    const timer = setTimeout(close, seconds * 1000);
    this.#shown.set(text, close);
    this.#region.append(notice);
    return close;
  }

  /** The focus goes back to where it came from, or to the page if that is not there any more. */
  #giveBack() {
    const page = this.#region.closest("dialog")?.querySelector("button:enabled") ?? document.getElementById("main");
    (this.#before?.isConnected ? this.#before : page)?.focus({ preventScroll: true });
  }
}

export const notices = new Notices();

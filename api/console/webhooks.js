// The webhooks of an account, and what became of their last messages.

import { h, field } from "./dom.js";
import { time } from "./format.js";
import { notices } from "./notices.js";
import { Section } from "./section.js";
import { ask } from "./service.js";
import { table } from "./table.js";
import { words } from "./words.js";

const text = words.webhooks;

export function webhooks() {
  // A secret is shown until the list is asked for again.
  let secret = null;
  const section = new Section(text.title, text.hint, async () => {
    const { results } = await ask("GET", "user/webhooks/");
    const shown = secret && h("p", { class: "secret", role: "status" }, text.secret, h("code", {}, secret));
    secret = null;
    return [shown, results.length === 0 && h("p", {}, text.none), ...results.map(webhook), adding()];
  });

  function adding() {
    const form = h(
      "form",
      { class: "inline", onsubmit: (event) => (event.preventDefault(), add(new FormData(form).get("url"))) },
      field(text.url, { name: "url", type: "url", required: true, placeholder: "https://" }),
      h("button", { class: "primary" }, text.add),
    );
    return form;
  }

  const add = (url) =>
    section.act(async () => {
      ({ secret } = await ask("POST", "user/webhooks/", { json: { url } }));
      await section.refresh();
    });

  function webhook({ id, url, enabled, disabled_reason, failing_since }) {
    const state = !enabled
      ? text.disabled(disabled_reason)
      : failing_since
        ? text.failing(time(failing_since))
        : text.enabled;
    const button = (label, act, kind) =>
      h(
        "button",
        { type: "button", class: kind, "aria-label": text.of(label, url), onclick: () => section.act(act) },
        label,
      );
    return h(
      "div",
      { class: "webhook" },
      h("h3", {}, url),
      h("p", { class: enabled && !failing_since ? "good" : "bad" }, state),
      h(
        "div",
        { class: "buttons" },
        button(text.test, async () => {
          const { delivered, status, error } = await ask("POST", `user/webhooks/${id}/test/`);
          notices.say(delivered ? text.testOk(status) : text.testFailed(error));
        }),
        button(text.rotate, async () => {
          ({ secret } = await ask("POST", `user/webhooks/${id}/rotate/`));
          await section.refresh();
        }),
        !enabled &&
          button(text.enable, async () => (await ask("POST", `user/webhooks/${id}/enable/`), section.refresh())),
        button(text.delete, async () => (await ask("DELETE", `user/webhooks/${id}/`), section.refresh()), "danger"),
      ),
      deliveries(id, url),
    );
  }

  return section;
}

function deliveries(id, url) {
  const body = h("div", {}, words.loading);
  const load = async () => {
    try {
      const { results } = await ask("GET", `user/webhooks/${id}/deliveries/`);
      body.replaceChildren(results.length === 0 ? h("p", {}, text.noDeliveries) : deliveryTable(results, url));
    } catch (refusal) {
      body.replaceChildren(h("p", { class: "complaint" }, refusal.message));
    }
  };
  return h("details", { ontoggle: (event) => event.target.open && load() }, h("summary", {}, text.deliveries), body);
}

function deliveryTable(results, url) {
  const row = ({ type, image, delivered, status, error, tries, tried_at }) => [
    type,
    image === null ? "–" : String(image),
    delivered ? text.delivered(status) : error,
    String(tries),
    time(tried_at),
  ];
  return table(
    text.of(text.deliveries, url),
    [text.type, text.image, text.result, text.tries, text.time],
    results.map(row),
  );
}

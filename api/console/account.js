// The page of an account: its quotas, where it is logged in, its password, its webhooks, and its end.

import { h, field } from "./dom.js";
import { bytes, time } from "./format.js";
import { notices } from "./notices.js";
import { Section } from "./section.js";
import { ask } from "./service.js";
import { session } from "./session.js";
import { table } from "./table.js";
import { webhooks } from "./webhooks.js";
import { words } from "./words.js";

const { account } = words;

export class Account {
  /** What the service allows, which two parts of the page tell. */
  #limits = ask("GET", "limits/");
  #tokens = new Section(account.tokens, account.tokensHint, () => this.#listTokens());

  constructor() {
    this.element = h(
      "div",
      { class: "cards" },
      h("h1", {}, account.title),
      new Section(account.quota, null, async () => quotas(await this.#limits)).element,
      this.#tokens.element,
      webhooks().element,
      this.#password(),
      this.#end(),
    );
  }

  close() {}

  async #listTokens() {
    const { results } = await ask("GET", "user/tokens/");
    const row = (token) => [
      token.current ? `${token.label} (${account.current})` : token.label,
      time(token.created_at),
      time(token.last_used_at),
      time(token.expires_at),
      h(
        "button",
        { type: "button", "aria-label": account.revokeOne(token.label), onclick: () => this.#revoke(token) },
        account.revoke,
      ),
    ];
    return table(
      account.tokens,
      [account.tokenLabel, account.created, account.lastUsed, account.expires, ""],
      results.map(row),
    );
  }

  async #revoke(token) {
    await this.#tokens.act(async () => {
      await ask("DELETE", `user/tokens/${token.id}/`);
      if (token.current) session.end();
      else await this.#tokens.refresh();
    });
  }

  #password() {
    const send = async ({ current_password, new_password }) => {
      await ask("POST", "user/password/", { json: { current_password, new_password } });
      notices.say(account.passwordChanged);
      await this.#tokens.refresh();
    };
    const hint = h("p", { class: "hint" });
    this.#limits.then(
      ({ password }) => (hint.textContent = account.passwordHint(password.least_characters)),
      () => {},
    );
    return form(account.password, account.changePassword, send, [
      h("input", { name: "username", value: session.username, autocomplete: "username", hidden: true, readonly: true }),
      field(account.currentPassword, {
        name: "current_password",
        type: "password",
        autocomplete: "current-password",
        required: true,
      }),
      field(account.newPassword, {
        name: "new_password",
        type: "password",
        autocomplete: "new-password",
        required: true,
      }),
      hint,
    ]);
  }

  #end() {
    const send = async ({ current_password }) => {
      await ask("DELETE", "user/", { json: { current_password } });
      session.end(true);
      location.replace("#/");
      location.reload();
    };
    return form(
      account.delete,
      account.delete,
      send,
      [
        h("p", { class: "hint" }, account.deleteHint),
        field(account.currentPassword, {
          name: "current_password",
          type: "password",
          autocomplete: "current-password",
          required: true,
        }),
        h("label", { class: "check" }, h("input", { type: "checkbox", required: true }), account.deleteSure),
      ],
      "danger",
    );
  }
}

function quotas({ quotas }) {
  const meter = (label, { used, limit }, text) => {
    const told = limit === null ? account.unlimited(text(used)) : account.used(text(used), text(limit));
    return h(
      "div",
      { class: "quota" },
      h("p", {}, `${label}: ${told}`),
      limit !== null && h("meter", { "aria-label": label, max: limit, value: used, high: limit * 0.9 }),
    );
  };
  return [
    meter(account.quotaImages, quotas.images, (number) => number.toLocaleString()),
    meter(account.quotaBytes, quotas.bytes, bytes),
  ];
}

/** A form in a card, with the refusal of the service under its fields. */
function form(title, action, send, fields, kind = "primary") {
  const complaint = h("p", { class: "complaint", role: "alert" });
  const button = h("button", { class: kind }, action);
  const element = h("form", { class: "card", onsubmit: submit }, h("h2", {}, title), fields, complaint, button);
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    complaint.textContent = "";
    try {
      await send(Object.fromEntries(new FormData(element)));
      element.reset();
    } catch (refusal) {
      complaint.textContent = refusal.message;
    } finally {
      button.disabled = false;
    }
  }
  return element;
}

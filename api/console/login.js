// Logging in, and making an account first.

import { h, field } from "./dom.js";
import { Refusal, ask } from "./service.js";
import { session } from "./session.js";
import { words } from "./words.js";

/** The form. `username` is set if only this user can go on here. */
export function loginForm({ username = null, message = null, onDone }) {
  let isNew = false;
  const complaint = h("p", { class: "complaint", role: "alert" }, message);
  const title = h("h1", {});
  const submit = h("button", { class: "primary" });
  const other = h("button", { type: "button", class: "link", onclick: () => show(!isNew) });
  const name = field(words.login.username, {
    name: "username",
    value: username,
    readonly: username !== null,
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
    maxlength: "150",
  });
  const password = field(words.login.password, { name: "password", type: "password", required: true });
  const stay = h("label", { class: "check" }, h("input", { type: "checkbox", name: "stay" }), words.login.stay);
  const form = h(
    "form",
    { class: "login-form", onsubmit: send, novalidate: true },
    title,
    complaint,
    name,
    password,
    stay,
    submit,
    username === null && other,
  );

  function show(shallBeNew) {
    isNew = shallBeNew;
    title.textContent = isNew ? words.login.registerTitle : words.login.title;
    submit.textContent = isNew ? words.login.register : words.login.logIn;
    other.textContent = isNew ? words.login.toLogin : words.login.toRegister;
    password.querySelector("input").autocomplete = isNew ? "new-password" : "current-password";
    complaint.textContent = message;
  }

  async function send(event) {
    event.preventDefault();
    const fields = new FormData(form);
    const credentials = { username: fields.get("username"), password: fields.get("password") };
    complaint.textContent = "";
    submit.disabled = true;
    try {
      if (!credentials.username || !credentials.password) throw new Refusal(422, words.login.missing);
      // A password manager may write into the field all the same.
      if (username !== null && credentials.username !== username) throw new Refusal(401, words.login.wrong);
      if (isNew) await ask("POST", "user/register/", { json: credentials, token: null });
      const { token } = await ask("POST", "user/login/", {
        json: {
          ...credentials,
          label: words.login.tokenLabel(navigator.userAgentData?.platform ?? navigator.platform),
        },
        token: null,
      });
      session.start(token, credentials.username, fields.get("stay") !== null);
      onDone();
    } catch (refusal) {
      complaint.textContent = sentence(refusal, isNew);
      const wrong = credentials.username ? password : name;
      wrong.querySelector("input").focus();
    } finally {
      submit.disabled = false;
    }
  }

  show(false);
  return form;
}

function sentence(refusal, isNew) {
  if (!(refusal instanceof Refusal)) throw refusal;
  if (refusal.status === 401) return words.login.wrong;
  if (refusal.status === 400 && isNew) return words.login.taken;
  if (refusal.status === 403 && isNew) return words.login.closed;
  return refusal.message;
}

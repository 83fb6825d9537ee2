// The console starts here: with the form to log in, or with the page of the user who is logged in.

import { App } from "./app.js";
import { h } from "./dom.js";
import { loginForm } from "./login.js";
import { notices } from "./notices.js";
import { session } from "./session.js";
import { words } from "./words.js";

notices.moveTo(document.body);
addEventListener("unhandledrejection", () => notices.say(words.errors.unexpected));

if (session.token) new App();
else {
  const page = h(
    "main",
    { class: "login" },
    h("p", { class: "brand" }, words.product),
    h("p", { class: "lead" }, words.login.lead),
  );
  const onDone = () => {
    page.remove();
    new App();
    document.getElementById("main").focus({ preventScroll: true });
  };
  page.append(loginForm({ onDone }));
  document.body.append(page);
  page.querySelector("input").focus();
}

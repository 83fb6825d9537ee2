// Who is logged in. The token is in `sessionStorage`, which ends with the tab, or in `localStorage` if the user wants to
// stay logged in; never in a cookie or a URL.

const KEY = "resizinator.session";

/** Fires `ended` when the service or another tab ends the session, and `started` after a login. */
class Session extends EventTarget {
  #stored = read(sessionStorage) ?? read(localStorage);

  constructor() {
    super();
    // Another tab has logged out, and that was meant for all of them.
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.newValue === null && !read(sessionStorage)) this.end();
    });
  }

  get token() {
    return this.#stored?.token;
  }

  get username() {
    return this.#stored?.username;
  }

  start(token, username, stay) {
    this.#forget();
    this.#stored = { token, username };
    write(stay ? localStorage : sessionStorage, this.#stored);
    this.dispatchEvent(new Event("started"));
  }

  end() {
    if (!this.#stored) return;
    this.#forget();
    this.dispatchEvent(new Event("ended"));
  }

  #forget() {
    this.#stored = null;
    write(sessionStorage, null);
    write(localStorage, null);
  }
}

// A browser may forbid storage; the session then lasts as long as the page.
function read(storage) {
  try {
    const { token, username } = JSON.parse(storage.getItem(KEY));
    return typeof token === "string" && typeof username === "string" ? { token, username } : null;
  } catch {
    return null;
  }
}

function write(storage, session) {
  try {
    if (session) storage.setItem(KEY, JSON.stringify(session));
    else storage.removeItem(KEY);
  } catch {
    // See above.
  }
}

export const session = new Session();

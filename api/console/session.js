// Who is logged in. The token is in `sessionStorage`, which ends with the tab, or in `localStorage` if the user wants to
// stay logged in; never in a cookie or a URL.

const KEY = "resizinator.session";
const PLACES = ["sessionStorage", "localStorage"];

/** Fires `ended` when the service or another tab ends the session, and `started` after a login. */
class Session extends EventTarget {
  #stored = read("sessionStorage") ?? read("localStorage");

  constructor() {
    super();
    // Another tab has logged out, and that was meant for all of them.
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.newValue === null && !read("sessionStorage")) this.end();
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
    // A tab that had a session of its own has the new one now.
    write("sessionStorage", null);
    this.#stored = { token, username };
    write(stay ? "localStorage" : "sessionStorage", this.#stored);
    this.dispatchEvent(new Event("started"));
  }

  /** Ends it; with `everywhere` in the other tabs of this browser too. */
  end(everywhere = false) {
    if (!this.#stored) return;
    this.#forget();
    if (everywhere) PLACES.forEach((place) => write(place, null));
    this.dispatchEvent(new Event("ended"));
  }

  /** Another tab may have a session of another token, which goes on. */
  #forget() {
    const token = this.#stored?.token;
    this.#stored = null;
    for (const place of PLACES) if (read(place)?.token === token) write(place, null);
  }
}

// A browser may forbid storage; the session then lasts as long as the page.
function read(place) {
  try {
    const { token, username } = JSON.parse(globalThis[place].getItem(KEY));
    return typeof token === "string" && typeof username === "string" ? { token, username } : null;
  } catch {
    return null;
  }
}

function write(place, session) {
  try {
    if (session) globalThis[place].setItem(KEY, JSON.stringify(session));
    else globalThis[place].removeItem(KEY);
  } catch {
    // See above.
  }
}

export const session = new Session();

// A user of the api, and what a story asks the api beside the page.

import { randomUUID } from "node:crypto";

export const PASSWORD = "correct-horse";

export class User {
  #url;

  /** Makes a user with a name of its own. */
  static async register(url, name = `user-${randomUUID().slice(0, 8)}`) {
    const user = new User();
    user.#url = url;
    user.name = name;
    await user.#post("user/register/", { username: name, password: PASSWORD });
    await user.logIn();
    return user;
  }

  async logIn() {
    this.token = (await this.#post("user/login/", { username: this.name, password: PASSWORD, label: "story" })).token;
  }

  async ask(method, path, body, headers = {}) {
    const json = body && !(body instanceof FormData);
    const answer = await fetch(`${this.#url}/${path}`, {
      method,
      headers: {
        Accept: "application/json",
        ...(this.token && { Authorization: `Token ${this.token}` }),
        ...(json && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: json ? JSON.stringify(body) : body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  #post(path, body) {
    return this.ask("POST", path, body);
  }

  /** Uploads a file and gives the id of its image. */
  async upload(name, bytes) {
    const form = new FormData();
    form.append("original", new Blob([bytes]), name);
    return (await this.#post("image/", form)).id;
  }

  /** Waits until an image is ready or failed, and gives its status. */
  async settled(id) {
    await this.ask("GET", `image/${id}/?wait=30`);
    return this.ask("GET", `image/${id}/status/`);
  }

  async count() {
    return (await this.ask("GET", "image/?limit=1")).count;
  }

  /** The names of all files, sorted. */
  async names() {
    const names = [];
    for (let cursor = ""; cursor !== null;) {
      const page = await this.ask("GET", `image/?${new URLSearchParams({ cursor, limit: 100, include: "status" })}`);
      names.push(...page.results.map(({ status }) => status.file_name));
      cursor = page.next && new URL(page.next).searchParams.get("cursor");
    }
    return names.sort();
  }

  /** Ends all tokens but that of the story. */
  async revokeOthers() {
    const { results } = await this.ask("GET", "user/tokens/");
    await Promise.all(
      results.filter(({ current }) => !current).map(({ id }) => this.ask("DELETE", `user/tokens/${id}/`)),
    );
  }
}

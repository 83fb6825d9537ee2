// A service whose operators do not want the console.

import assert from "node:assert/strict";

import { story } from "../helpers/story.mjs";

story("the page asks for nothing but what the program itself has", { as: "nobody" }, async ({ page, service }) => {
  const hosts = new Set();
  page.page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  await page.page.reload();
  await page.see(page.page.getByRole("heading", { name: "Log in" }));
  assert.deepEqual([...hosts], [service.url]);
});

story(
  "without the console, a browser gets what any unknown path gets",
  { settings: { RESIZINATOR_CONSOLE: "off" }, as: "nobody", failing: [404] },
  async ({ page, service }) => {
    for (const path of ["/", "/console/1/main.js", "/console/1/console.css"]) {
      const answer = await page.page.goto(path);
      assert.equal(answer.status(), 404, path);
      assert.match(answer.headers()["content-type"], /^application\/json/);
      assert.ok("detail" in (await answer.json()));
    }
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
  },
);

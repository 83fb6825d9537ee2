// With RESIZINATOR_CONSOLE_FOLDER=api/console, the page gets its scripts and styles from that folder instead of those that
// the program was built with, so that a change can be tried without a build.

import { readFileSync, readdirSync } from "node:fs";
import { extname, join, resolve } from "node:path";

const TYPES = { ".js": "text/javascript", ".svg": "image/svg+xml" };

export async function serveFromDisk(context) {
  if (!process.env.RESIZINATOR_CONSOLE_FOLDER) return;
  const folder = resolve(process.env.RESIZINATOR_CONSOLE_FOLDER);
  const styles = join(folder, "styles");
  await context.route("**/console/*/*", (route, request) => {
    const name = new URL(request.url()).pathname.split("/").at(-1);
    if (name !== "console.css")
      return route.fulfill({ contentType: TYPES[extname(name)], body: readFileSync(join(folder, name)) });
    return route.fulfill({
      contentType: "text/css",
      body: readdirSync(styles)
        .sort()
        .map((file) => readFileSync(join(styles, file), "utf8"))
        .join(""),
    });
  });
}

// What no client can ask of the service, told to its database.

import { execFileSync } from "node:child_process";

/** Runs SQL, and gives the lines of the answer. */
export const sql = (service, text) =>
  execFileSync("sqlite3", ["-batch", "-cmd", ".timeout 10000", service.database, text], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line);

/** Makes an image one that failed because a backend was away, for which another try can help. */
export const failByBackend = (service, id) =>
  sql(
    service,
    `UPDATE images SET state = 'failed', error_code = 'renderer_crashed', error_detail = 'The renderer stumbled.', visible_generation = NULL, updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = ${Number(id)}`,
  );

// Many images without as many uploads: rows of the database and files of the object store are copied.

import { cpSync } from "node:fs";
import { join } from "node:path";

import { sql } from "./database.mjs";

/**
 * Makes `count` copies of an image that is ready, named `0000.png` and so on. `created` is an SQL expression for the time
 * of a copy, in which `k` is its number. Pages that are open are not told: these are no uploads.
 */
export function copyImage(service, id, count, created = "created_at") {
  const columns = sql(service, "SELECT name FROM pragma_table_info('images')").filter(
    (name) => !["id", "object_id", "file_name", "created_at"].includes(name),
  );
  const [source] = sql(service, `SELECT object_id FROM images WHERE id = ${Number(id)}`);
  const copies = sql(
    service,
    `
    BEGIN IMMEDIATE;
    WITH RECURSIVE numbers (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM numbers WHERE k + 1 < ${Number(count)})
    INSERT INTO images (object_id, file_name, created_at, ${columns})
      SELECT lower(hex(randomblob(16))), printf('%04d.png', k), ${created}, ${columns} FROM numbers, images WHERE id = ${Number(id)} ORDER BY k
      RETURNING object_id;
    UPDATE user_totals SET images = images + ${Number(count)} WHERE user_id = (SELECT user_id FROM images WHERE id = ${Number(id)});
    COMMIT;`,
  );
  const folder = (object) => join(service.objects, object.slice(0, 2), object);
  for (const copy of copies) cpSync(folder(source), folder(copy), { recursive: true });
}

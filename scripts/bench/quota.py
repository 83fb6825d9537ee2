"""What a quota costs an upload on PostgreSQL: the statement that accepts one, against the plain update that it would be
without totals. Both run in turns with pgbench on the same rows. DATABASE_URL names a server whose user may make databases.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

USERS, IMAGES, UPLOADS, ROUNDS = 100, 200_000, 5_000, 6
DATABASE = "resizinator_quota_bench"
ROOT = Path(__file__).parents[2]

PLAIN = "UPDATE images SET state = 'pending', accepted_at = now() WHERE id = :id AND state = 'receiving' RETURNING *"

ROWS = f"""
INSERT INTO users (username, password_hash, created_at) SELECT 'user ' || n, '', now() FROM generate_series(1, {USERS}) n;
INSERT INTO tokens (user_id, key_hash, created_at) SELECT id, id, now() FROM users;
INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, created_at, updated_at)
SELECT 1 + n % {USERS}, 'receiving', n, 'a.png', 'png', 1000, '', now(), now() FROM generate_series(1, {IMAGES}) n;
"""

RESET = """
ALTER TABLE images DISABLE TRIGGER images_counted;
UPDATE images SET state = 'receiving' WHERE state = 'pending';
UPDATE user_totals SET images = 0, bytes = 0;
"""


def with_quotas():
    """The statement as the source has it, with pgbench's variables for its parameters."""
    source = (ROOT / "shared/src/metadata/quotas.rs").read_text()
    macro = re.search(r"concat!\((.*?)\n        \)", source, re.S).group(1)
    macro = macro.replace("$lock", '" FOR UPDATE OF user_totals"')
    statement = "".join(re.findall(r'"([^"]*)"', macro))
    values = ["now()", ":id", ":user_id", "100000", "53687091200", "1000", ":user_id"]
    return re.sub(r"\$(\d)", lambda number: values[int(number.group(1)) - 1], statement)


def psql(url, *arguments):
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, *arguments], check=True, stdout=subprocess.DEVNULL)


def accepted(url):
    query = ["psql", "-qAt", url, "-c", "SELECT count(*) FROM images WHERE state = 'pending'"]
    return int(subprocess.run(query, check=True, capture_output=True, text=True).stdout)


def measure(url, statement, folder):
    script = Path(folder) / "accept.sql"
    script.write_text(f"\\set id random(1, {IMAGES})\n\\set user_id 1 + :id % {USERS}\n{statement};\n")
    pgbench = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))[-1]
    run = [pgbench, "-n", "-M", "prepared", "-t", str(UPLOADS), "-f", script, url]
    out = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    # Some of the random ids come twice.
    if accepted(url) < 0.9 * UPLOADS:
        raise RuntimeError("the statement accepts nothing")
    return float(re.search(r"latency average = ([\d.]+) ms", out).group(1))


def main():
    server = os.environ.get("DATABASE_URL") or sys.exit("DATABASE_URL has to name a PostgreSQL server.")
    url = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    psql(server, "-c", f"CREATE DATABASE {DATABASE}")
    try:
        for migration in sorted((ROOT / "migrations/postgres").glob("*/up.sql")):
            psql(url, "-1", "-f", migration)
        psql(url, "-c", ROWS, "-c", "VACUUM ANALYZE")
        times = {"plain": [], "quotas": []}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                for name, statement in [("plain", PLAIN), ("quotas", with_quotas())]:
                    psql(url, "-c", RESET, "-c", "VACUUM images")
                    if name == "quotas":
                        psql(url, "-c", "ALTER TABLE images ENABLE TRIGGER images_counted")
                    times[name].append(measure(url, statement, folder))
    finally:
        psql(server, "-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    plain, quotas = (statistics.median(times[name]) for name in ("plain", "quotas"))
    print("The acceptance of an upload on PostgreSQL, median of", ROUNDS, "runs in turns:")
    print(f"without quotas {plain:.3f} ms, with quotas {quotas:.3f} ms, {quotas - plain:+.3f} ms")


if __name__ == "__main__":
    main()

"""What an Idempotency-Key costs an upload on PostgreSQL: the statements that receive and accept it with a key, against those
without. Both run in turns with pgbench. DATABASE_URL names a server whose user may make databases.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

USERS, KEYS, UPLOADS, ROUNDS = 100, 200_000, 2_000, 6
DATABASE = "resizinator_keys_bench"
ROOT = Path(__file__).parents[2]

# As diesel writes the insert of an upload without a key.
RECEIVE = """INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, width, height, frames, request_id,
traceparent, created_at, updated_at) VALUES (:user_id, 'receiving', {object_id}, 'a.png', 'png', 1000, repeat('0f', 32), 40, 30, 1,
'a-request', NULL, now(), now()) RETURNING *"""

# Keys of accepted uploads that are there already.
ROWS = f"""
INSERT INTO users (username, password_hash, created_at) SELECT 'user ' || n, '', now() FROM generate_series(1, {USERS}) n;
INSERT INTO tokens (user_id, key_hash, created_at) SELECT id, id, now() FROM users;
INSERT INTO idempotency_keys (user_id, key, digest, object_id, expires_at)
SELECT 1 + n % {USERS}, gen_random_uuid(), md5(n::text), md5(n::text), now() + n * INTERVAL '1 second'
FROM generate_series(1, {KEYS}) n;
"""


def source(name):
    return (ROOT / "shared/src/metadata" / name).read_text()


def with_values(statement, values):
    """The statement with pgbench's variables, or constants, for its parameters."""
    return re.sub(r"\$(\d+)", lambda number: values[int(number.group(1)) - 1], statement)


def literals(text):
    return "".join(re.findall(r'"([^"]*)"', text))


def accept():
    macro = re.search(r"macro_rules! accept_sql .*?concat!\((.*?)\n        \)", source("quotas.rs"), re.S).group(1)
    has_key = literals(re.search(r"macro_rules! has_key_sql .*?\n\}", source("quotas.rs"), re.S).group(0))
    plain = literals(macro.replace("$lock", '" FOR UPDATE OF user_totals"'))
    one = literals(
        macro.replace("$lock", '" FOR UPDATE OF user_totals"').replace("$has_key", f'"{has_key}"')
    )
    around = re.search(r"const ACCEPT_WITH_KEY: &str = concat!\((.*?)\n\);", source("quotas.rs"), re.S).group(1)
    before, after = re.sub(r"accept_sql!\(.*?\)\)?,\n", "@", around, count=1).split("@")
    values = ["now()", ":id", ":user_id", "1000000000", "1000000000000000", "1000", ":user_id", ":key", ":object_id"]
    return with_values(plain, values), with_values(literals(before) + one + literals(after), values)


def receive():
    text = re.search(r'const RECEIVE_ONCE: &str = "(.*?)";', source("receive.rs"), re.S).group(1)
    once = re.sub(r"\\\n\s*", "", text)
    later = "now() + INTERVAL '1 day'"
    values = [":user_id", ":key", "repeat('0f', 32)", ":object_id", later, later, "'a.png'", "'png'", "1000"]
    values += ["repeat('0f', 32)", "40", "30", "1", "'a-request'", "NULL", "now()"]
    return RECEIVE.format(object_id=":object_id"), with_values(once, values)


def script(receive, accept):
    """An upload. The random texts are made by a statement of their own in both cases."""
    return f"""\\set user_id random(1, {USERS})
SELECT gen_random_uuid() AS key, replace(CAST(gen_random_uuid() AS text), '-', '') AS object_id \\gset
{receive} \\gset
{accept};
"""


def psql(url, *arguments):
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, *arguments], check=True, stdout=subprocess.DEVNULL)


def count(url, query):
    return int(subprocess.run(["psql", "-qAt", url, "-c", query], check=True, capture_output=True, text=True).stdout)


def measure(url, text, folder):
    path = Path(folder) / "upload.sql"
    path.write_text(text)
    before = count(url, "SELECT count(*) FROM images WHERE state = 'pending'")
    pgbench = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))[-1]
    run = [pgbench, "-n", "-M", "prepared", "-t", str(UPLOADS), "-f", path, url]
    out = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout
    if count(url, "SELECT count(*) FROM images WHERE state = 'pending'") != before + UPLOADS:
        raise RuntimeError("not every upload was accepted")
    return float(re.search(r"latency average = ([\d.]+) ms", out).group(1))


def main():
    server = os.environ.get("DATABASE_URL") or sys.exit("DATABASE_URL has to name a PostgreSQL server.")
    url = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    psql(server, "-c", f"CREATE DATABASE {DATABASE}")
    try:
        for migration in sorted((ROOT / "migrations/postgres").glob("*/up.sql")):
            psql(url, "-1", "-f", migration)
        psql(url, "-c", ROWS, "-c", "VACUUM ANALYZE")
        scripts = dict(zip(("without", "with"), map(script, receive(), accept()), strict=True))
        times = {name: [] for name in scripts}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(ROUNDS):
                for name, text in scripts.items():
                    times[name].append(measure(url, text, folder))
        if count(url, "SELECT count(*) FROM idempotency_keys WHERE lease_until IS NOT NULL"):
            raise RuntimeError("a key was not accepted with its image")
    finally:
        psql(server, "-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    without, with_key = (statistics.median(times[name]) for name in ("without", "with"))
    print("The statements that receive and accept an upload on PostgreSQL, median of", ROUNDS, "runs in turns:")
    print(f"without a key {without:.3f} ms, with a key {with_key:.3f} ms, {with_key - without:+.3f} ms")


if __name__ == "__main__":
    main()

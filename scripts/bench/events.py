"""Events: what streams cost that wait, how late an event comes to a client of another replica, and what the record of
events costs those who finish images.

Needs the release build, and DATABASE_URL and QUEUE_URL of PostgreSQL and RabbitMQ; uses three ports from that of
RESIZINATOR_LISTEN on, and a database of its own.
"""

import http.client
import json
import os
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import datetime, timezone
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
HOST, PORT = os.environ["RESIZINATOR_LISTEN"].rsplit(":", 1)
DATABASE = "events"
STREAMS, STREAMS_OF_USER = 1000, 10
IMAGES, PAUSE = 200, 0.1
ROUNDS, FINISHED, CLIENTS, PACE = 6, 4000, 8, 1000

FINISH = """
SELECT nextval('bench_ids') AS id \\gset
UPDATE images SET state = 'processing', claim = claim + 1, attempts = attempts + 1,
    lease_until = now() AT TIME ZONE 'UTC' + interval '1 minute' WHERE id = :id AND state = 'pending';
UPDATE images SET state = 'ready', visible_generation = 1, finished_at = now() AT TIME ZONE 'UTC', lease_until = NULL,
    updated_at = now() AT TIME ZONE 'UTC' WHERE id = :id AND state = 'processing' AND claim = 1;
"""
ROWS = """
CREATE SEQUENCE IF NOT EXISTS bench_ids;
INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, claim, accepted_at, queued_at, due_at,
    created_at, updated_at)
SELECT (SELECT min(id) FROM users), 'pending', md5(random()::text || n), 'a', 'jpeg', 1, '', 0, t, t, t + interval '1 day', t, t
FROM generate_series(1, {count}) n, (SELECT now() AT TIME ZONE 'UTC' AS t) times;
SELECT setval('bench_ids', (SELECT min(id) FROM images WHERE file_name = 'a'), false);
"""


def psql(url, *arguments):
    run = ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", url, *arguments]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


class Process:
    """A process of the service on the database of this measurement."""

    def __init__(self, binary, folder, url, port=None, queue=None):
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "QUEUE_URL": queue or os.environ["QUEUE_URL"],
            "STORAGE_URL": f"file://{folder}/objects",
            "RESIZINATOR_SECRET": "thirty-two characters of no secret",
            "RESIZINATOR_RATE_LIMITS": "off",
            "RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS": "4000",
            "RESIZINATOR_DATA": folder,
        }
        self.address = (HOST, port)
        if port:
            environment["RESIZINATOR_LISTEN"] = f"{HOST}:{port}"
        self.log = open(Path(folder) / f"{binary}-{port}.log", "w")
        self.process = subprocess.Popen([TARGET / binary], env=environment, stdout=self.log, stderr=self.log)
        if port:
            until(lambda: self.post("/user/login/", {"username": "-", "password": "-"})[0] == 401, "the api starts")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body, token=None):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null")
        except OSError:
            return None, None
        finally:
            connection.close()

    def user(self, name):
        credentials = {"username": name, "password": "correct horse battery"}
        assert self.post("/user/register/", credentials)[0] == 201
        return self.post("/user/login/", credentials)[1]["token"]

    def stream(self, token):
        """A stream of events whose beginning is read."""
        stream = socket.create_connection(self.address)
        stream.sendall(f"GET /events/ HTTP/1.1\r\nHost: bench\r\nAuthorization: Token {token}\r\n\r\n".encode())
        read = b""
        while b"retry: 2000" not in read:
            piece = stream.recv(4096)
            assert piece and (b" 200 " in read + piece), read + piece
            read += piece
        return stream

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def until(holds, what):
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"It takes more than a minute until {what}.")
        time.sleep(0.1)


def idle_streams(api):
    """The memory of each of 1,000 streams in bytes, and the CPU of the api meanwhile in percent of a core."""
    tokens = [api.user(f"idle-{number}") for number in range(STREAMS // STREAMS_OF_USER)]
    time.sleep(2)
    before = api.memory()
    streams = [api.stream(token) for token in tokens for _ in range(STREAMS_OF_USER)]
    time.sleep(3)
    memory = (api.memory() - before) / STREAMS
    begun, cpu = time.monotonic(), api.cpu()
    time.sleep(30)
    busy = (api.cpu() - cpu) / (time.monotonic() - begun) * 100
    for stream in streams:
        stream.close()
    return memory, busy


class Arrivals(Thread):
    """Reads a stream, and notes when the events `ready` come."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.times = stream, {}
        self.start()

    def run(self):
        for line in self.stream.makefile("r", encoding="utf-8", newline="\n"):
            if line.startswith("data: "):
                now, event = time.time(), json.loads(line[6:])
                if event["type"] == "ready":
                    self.times[event["image_id"]] = now


def lateness(url, arrivals):
    """How late the events came after the time in the row, in milliseconds, sorted."""
    rows = (row.split("|") for row in psql(url, "-c", "SELECT id, finished_at FROM images WHERE state = 'ready'").splitlines())
    finished = {int(id): datetime.fromisoformat(at).replace(tzinfo=timezone.utc).timestamp() for id, at in rows}
    return sorted((arrivals.times[id] - at) * 1e3 for id, at in finished.items())


def png(width, height):
    """A picture of one colour."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x30\x60\x90" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def upload(api, token, picture, number):
    body = b"--b\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n" + picture + b"\r\n--b--\r\n"
    connection = http.client.HTTPConnection(*api.address, timeout=30)
    headers = {"Authorization": f"Token {token}", "Content-Type": "multipart/form-data; boundary=b"}
    connection.request("POST", "/image/", body, headers)
    assert connection.getresponse().status == 201
    connection.close()


def rate(url, folder, *pace):
    """How many images are claimed and finished in a second, by the statements of workers without anything between."""
    script = Path(folder) / "finish.sql"
    script.write_text(FINISH)
    psql(url, "-c", ROWS.format(count=FINISHED))
    run = ["pgbench", "-n", "-f", script, "-c", str(CLIENTS), "-j", "2", "-t", str(FINISHED // CLIENTS), *pace, url]
    answer = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert psql(url, "-c", "SELECT count(*) FROM images WHERE state <> 'ready'") == "0", answer
    psql(url, "-c", "DELETE FROM images WHERE file_name = 'a'", "-c", "VACUUM images")
    return float(next(line for line in answer.splitlines() if line.startswith("tps")).split()[2])


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    picture = png(400, 300)
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", "-c", f"CREATE DATABASE {DATABASE}")
    try:
        with tempfile.TemporaryDirectory() as folder, Process("resizinator-api", folder, url, int(PORT)) as api:
            measure(api, folder, url, picture)
    finally:
        psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE {DATABASE} WITH (FORCE)")


def measure(api, folder, url, picture):
    print("\nEvents\n")
    memory, busy = idle_streams(api)
    print(f"{STREAMS:,} streams that wait: {memory / 1024:.1f} KiB each, {busy:.1f} % of a core")

    token = api.user("ada")
    nowhere = "amqp://nobody:nothing@127.0.0.1:9/%2f"
    with (
        Process("resizinator-worker", folder, url),
        Process("resizinator-api", folder, url, int(PORT) + 1) as other,
        Process("resizinator-api", folder, url, int(PORT) + 2, nowhere) as alone,
    ):
        with_broker, without = Arrivals(other.stream(token)), Arrivals(alone.stream(token))
        for number in range(IMAGES):
            upload(api, token, picture, number)
            time.sleep(PAUSE)
        until(lambda: len(without.times) == IMAGES == len(with_broker.times), "all events have come")
        for name, arrivals in [("with the broker", with_broker), ("without", without)]:
            late = lateness(url, arrivals)
            print(f"From the row's `ready` to a client of another replica, {name}: p50 {statistics.median(late):.0f} ms, "
                  f"p99 {late[int(len(late) * 0.99)]:.0f} ms ({len(late)} images)")

    # In turns, since the machine may be busier at one time than at another. The api numbers the events meanwhile.
    for name, pace in [("as fast as they can", []), (f"with {PACE} to do", ["-R", str(PACE)])]:
        rates = {"ENABLE": [], "DISABLE": []}
        for turn in range(ROUNDS):
            for state in sorted(rates, reverse=turn % 2 == 0):
                psql(url, "-c", f"ALTER TABLE images {state} TRIGGER images_announced")
                rates[state].append(rate(url, folder, *pace))
        on, off = statistics.median(rates["ENABLE"]), statistics.median(rates["DISABLE"])
        print(f"Images of one user that finish in a second, {name}: {on:.0f} with events, {off:.0f} without "
              f"({on / off - 1:+.1%})")


if __name__ == "__main__":
    main()

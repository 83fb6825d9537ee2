"""What a large gallery costs: PostgreSQL with 1,000,000 images of one user and 1,000 other users, and a release build of the
api in front of it. It measures pages by cursor at any depth at 100 requests a second, deep offsets, filters with their
counts, the CPU time of the api for a list, and the memory of long polls. DATABASE_URL names a server whose user may make
databases. With a number as the argument, the user has so many images.
"""

import http.client
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

IMAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
OTHERS, WAITING, RATE, SECONDS = 1_000, 1_000, 100, 20
DATABASE = "resizinator_gallery_bench"
ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
ADDRESS = ("127.0.0.1", int(os.environ.get("RESIZINATOR_LISTEN", "127.0.0.1:15709").rsplit(":", 1)[1]))

# The first user is the one with the gallery: 1 of 100 images has failed, and 1 of 1,000 is unfinished.
ROWS = f"""
INSERT INTO users (username, password_hash, created_at)
    SELECT 'other ' || n, '', now() AT TIME ZONE 'UTC' FROM generate_series(1, {OTHERS}) n;
ALTER TABLE images DISABLE TRIGGER images_counted;
INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, visible_generation, queued_at, due_at,
                    accepted_at, error_code, created_at, updated_at)
    SELECT CASE WHEN n % 11 = 0 THEN 2 + (n / 11) % {OTHERS} ELSE 1 END,
           CASE WHEN n % 1009 = 0 THEN 'pending' WHEN n % 101 = 0 THEN 'failed' ELSE 'ready' END,
           md5(n::text), 'photo.jpg', (ARRAY['jpeg', 'jpeg', 'jpeg', 'png', 'webp'])[1 + n % 5], 2000000, repeat('0', 64),
           1, now(), now(), now(), CASE WHEN n % 101 = 0 AND n % 1009 <> 0 THEN 'decode_failed' END,
           timestamp '2020-01-01' + n * interval '1 minute', timestamp '2020-01-01' + n * interval '1 minute'
    FROM generate_series(1, {IMAGES * 11 // 10}) n;
ALTER TABLE images ENABLE TRIGGER images_counted;
UPDATE user_totals SET (images, bytes) =
    (SELECT count(*), coalesce(sum(bytes), 0) FROM images WHERE images.user_id = user_totals.user_id);
VACUUM (ANALYZE) images;
VACUUM (ANALYZE) user_totals;
"""


def psql(url, *arguments):
    run = ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", url, *arguments]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout


class Api:
    """The api on an own database."""

    def __init__(self, url, folder):
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "QUEUE_URL": os.environ["QUEUE_URL"],
            "STORAGE_URL": "s3://gallery?region=us-east-1&endpoint=http://127.0.0.1:9",
            "AWS_ACCESS_KEY_ID": "gallery",
            "AWS_SECRET_ACCESS_KEY": "gallery",
            "RESIZINATOR_SECRET": "thirty-two characters of no secret",
            "RESIZINATOR_RATE_LIMITS": "off",
            "RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS": "2000",
            "RESIZINATOR_LISTEN": f"{ADDRESS[0]}:{ADDRESS[1]}",
            "RESIZINATOR_DATA": folder,
        }

    def __enter__(self):
        log = open(Path(self.environment["RESIZINATOR_DATA"]) / "log", "w")
        self.process = subprocess.Popen([TARGET / "resizinator-api"], env=self.environment, stdout=log, stderr=log)
        until(lambda: connects(), "the api listens")
        until(lambda: post("/user/login/", {"username": "-", "password": "-"})[0] == 401, "the api has started")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def connects():
    try:
        socket.create_connection(ADDRESS, 1).close()
        return True
    except OSError:
        return False


def until(holds, what):
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"It takes more than a minute until {what}.")
        time.sleep(0.1)


def post(path, body):
    connection = http.client.HTTPConnection(*ADDRESS, timeout=30)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


class Client:
    """One connection of the user with the gallery."""

    def __init__(self, token):
        self.connection = http.client.HTTPConnection(*ADDRESS, timeout=60)
        self.headers = {"Authorization": f"Token {token}"}

    def get(self, path, **headers):
        self.connection.request("GET", path, headers=self.headers | headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.status not in (200, 304):
            sys.exit(f"{path}: {response.status} {body[:200]}")
        return response, body

    def page(self, path):
        return json.loads(self.get(path)[1])

    def time(self, path, rounds=7):
        """The median time of a request in milliseconds, the count of the list, and the ids on the page."""
        times, page = [], None
        for _ in range(rounds):
            begun = time.perf_counter()
            page = self.get(path)[1]
            times.append((time.perf_counter() - begun) * 1e3)
        return statistics.median(times), json.loads(page)


def path_of(link):
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def at_rate(token, links):
    """Follows cursors at 100 requests a second, each client from a place of its own, and returns the times in ms."""
    clients, times = 4, []

    def run(number):
        client, link = Client(token), links[number]
        begun = time.perf_counter()
        for turn in range(RATE * SECONDS // clients):
            due = begun + (turn * clients + number) / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            start = time.perf_counter()
            page = client.page(link)
            times.append((time.perf_counter() - start) * 1e3)
            assert page["count"] == IMAGES and len(page["results"]) == 10, page["count"]
            link = path_of(page["next"]) if page["next"] and turn % 50 else random.choice(links)

    threads = [Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times)


def deep_links(client):
    """Paths of pages by cursor at all depths. The whole list is read once, by pages of 100."""
    links, path = [], "/image/?cursor=&limit=100"
    step = max(1, IMAGES // 100 // 50)
    for turn in range(IMAGES // 100 - 2):
        page = client.page(path)
        path = path_of(page["next"])
        if turn % step == 0:
            links.append(path.replace("limit=100", "limit=10"))
    return links


def long_polls(api, token, pending):
    """The memory of each of 1,000 waiting long polls in bytes, and the CPU of the api meanwhile in percent."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    before = api.memory()
    polls = []
    for number in range(WAITING):
        poll = socket.create_connection(ADDRESS)
        id = pending[number % len(pending)]
        head = f"GET /image/{id}/?wait=30 HTTP/1.1\r\nHost: gallery\r\nAuthorization: Token {token}\r\n\r\n"
        poll.sendall(head.encode())
        polls.append(poll)
    time.sleep(3)
    begun, cpu = time.monotonic(), api.cpu()
    memory = (api.memory() - before) / WAITING
    time.sleep(10)
    busy = (api.cpu() - cpu) / (time.monotonic() - begun) * 100
    for poll in polls:
        poll.setblocking(False)
        try:
            sys.exit(f"A long poll did not wait: {poll.recv(200)}")
        except BlockingIOError:
            poll.close()
    return memory, busy


def main():
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE IF EXISTS {DATABASE}", "-c", f"CREATE DATABASE {DATABASE}")
    try:
        with tempfile.TemporaryDirectory() as folder, Api(url, folder) as api:
            credentials = {"username": "gallery", "password": "correct horse battery"}
            assert post("/user/register/", credentials)[0] == 201
            script = Path(folder) / "rows.sql"
            script.write_text(ROWS)
            psql(url, "-f", str(script))
            token = post("/user/login/", credentials)[1]["token"]
            measure(api, token, url)
    finally:
        psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE {DATABASE} WITH (FORCE)")


def measure(api, token, url):
    client = Client(token)
    print(f"\nA gallery of {IMAGES:,} images of one user, and {OTHERS:,} other users\n")
    print("| request | median ms | count |\n| --- | ---: | ---: |")
    for name, path in [
        ("first page", "/image/"),
        ("first page by cursor", "/image/?cursor="),
        ("newest first by cursor", "/image/?cursor=&ordering=-id"),
        (f"offset {IMAGES // 2:,}", f"/image/?offset={IMAGES // 2}"),
        (f"offset {IMAGES * 9 // 10:,}", f"/image/?offset={IMAGES * 9 // 10}"),
        ("state=ready", "/image/?cursor=&state=ready"),
        ("state=failed", "/image/?cursor=&state=failed"),
        ("state=pending", "/image/?cursor=&state=pending"),
        ("format=png", "/image/?cursor=&format=png"),
        ("a day", "/image/?cursor=&created_after=2020-06-01&created_before=2020-06-02"),
        ("a month of jpeg", "/image/?cursor=&created_after=2020-06-01&created_before=2020-07-01&format=jpeg"),
        ("half of all, by time", "/image/?cursor=&created_after=2021-01-15"),
        ("100 ids", "/image/?ids=" + ",".join(str(id) for id in range(1, 10 * 100, 10))),
    ]:
        milliseconds, page = client.time(path)
        print(f"| {name} | {milliseconds:.2f} | {page['count']:,} |")

    links = deep_links(client)
    random.seed(16)
    times = at_rate(token, links)
    print(f"\nPages of 10 by cursor at {RATE} requests a second: p50 {statistics.median(times):.2f} ms, "
          f"p99 {times[int(len(times) * 0.99)]:.2f} ms ({len(times):,} requests)")

    # In turns, since the machine may be busier at one time than at another.
    turns, requests, path = 20, 100, "/image/?cursor=&limit=10"
    kinds = {"a list of 10": {}, "one that has not changed (304)": {"If-None-Match": client.get(path)[0].headers["ETag"]}}
    used = dict.fromkeys(kinds, 0.0)
    for _ in range(turns):
        for name, headers in kinds.items():
            cpu = api.cpu()
            for _ in range(requests):
                client.get(path, **headers)
            used[name] += api.cpu() - cpu
    for name, cpu in used.items():
        print(f"CPU of the api for {name}: {cpu / turns / requests * 1e3:.3f} ms")

    pending = [image["id"] for image in client.page("/image/?state=pending&limit=100")["results"]]
    memory, busy = long_polls(api, token, pending)
    print(f"{WAITING:,} waiting long polls: {memory / 1024:.1f} KiB each, {busy:.1f} % of a core")


if __name__ == "__main__":
    main()

"""Turns: how long the first image of a user takes while ten thousand images of another one wait.

Needs the release build, and DATABASE_URL and QUEUE_URL of PostgreSQL and RabbitMQ; uses the port of RESIZINATOR_LISTEN and a
database of its own.
"""

import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

from events import PORT, Process, png, psql, until

DATABASE = "turns"
MANY, CLIENTS = 10_000, 4
USERS, PAUSE = 20, 0.5


class Uploader:
    """A connection that uploads one picture again and again."""

    def __init__(self, api, token, picture):
        self.connection = http.client.HTTPConnection(*api.address, timeout=60)
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "multipart/form-data; boundary=b"}
        head = b"--b\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n"
        self.body = head + picture + b"\r\n--b--\r\n"

    def upload(self):
        self.connection.request("POST", "/image/", self.body, self.headers)
        answer = self.connection.getresponse()
        record = json.loads(answer.read())
        assert answer.status == 201, record
        return record["id"]

    def wait_until_ready(self, image):
        while True:
            self.connection.request("GET", f"/image/{image}/?wait=30", headers=self.headers)
            if json.loads(self.connection.getresponse().read())["small"]:
                return


def waiting(url):
    states = psql(url, "-c", "SELECT count(*) FROM images WHERE state IN ('pending', 'processing')")
    return int(states)


def measure(api, folder, url, picture):
    token = api.user("many")
    uploaders = [Uploader(api, token, picture) for _ in range(CLIENTS)]

    def upload_share(uploader):
        for _ in range(MANY // CLIENTS):
            uploader.upload()

    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(upload_share, uploaders))
    others = [Uploader(api, api.user(f"one-{number}"), picture) for number in range(USERS)]
    with Process("resizinator-worker", folder, url):
        until(lambda: waiting(url) < MANY - 20, "the worker has begun")
        first, begun = waiting(url), time.monotonic()
        waits = []
        for other in others:
            image, asked = other.upload(), time.monotonic()
            other.wait_until_ready(image)
            waits.append(time.monotonic() - asked)
            time.sleep(PAUSE)
        left, took = waiting(url), time.monotonic() - begun
        if left < 100:
            sys.exit("The images of the first user did not last.")
    print(f"From the 201 of a user's first image to its variants, while {first:,} to {left:,} images of another user wait: "
          f"p50 {statistics.median(waits):.2f} s, at most {max(waits):.2f} s ({USERS} users); "
          f"{(first - left) / took:.0f} images/s meanwhile")


def main():
    print("\nTurns\n")
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", "-c", f"CREATE DATABASE {DATABASE}")
    try:
        with tempfile.TemporaryDirectory() as folder, Process("resizinator-api", folder, url, int(PORT)) as api:
            measure(api, folder, url, png(640, 480))
    finally:
        psql(os.environ["DATABASE_URL"], "-c", f"DROP DATABASE {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()

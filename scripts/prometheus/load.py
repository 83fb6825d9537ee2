"""Ordinary clients, who go on through all trouble: one reads, one uploads, one listens, and one is told by a webhook."""

import http.client
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import files
from stage import API, RECEIVER

# Distinct words that no label may have.
WORD = f"word{secrets.token_hex(6)}"


class Pump:
    """Does the same again and again until it is stopped, also if it fails."""

    def __init__(self, what, pause=0.1, threads=1):
        self.what, self.pause, self.stopping = what, pause, Event()
        self.threads = [Thread(target=self.run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.stopping.is_set():
            try:
                self.what()
            except (OSError, http.client.HTTPException, ValueError):
                pass
            self.stopping.wait(self.pause)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


class Load:
    def __init__(self, client):
        self.client, self.small = client, files.png(320, 240)
        self.receiver = receiver()
        client.post("/user/webhooks/", {"url": f"http://127.0.0.1:{RECEIVER}/{WORD}"}, expected=201)
        self.pumps = [
            Pump(lambda: client.get("/image/?limit=5")),
            Pump(lambda: client.upload(f"{WORD}.png", self.small), pause=1),
            Pump(self.listen, pause=1),
        ]

    def listen(self):
        """One stream of events, until the api ends it or nothing comes for a while."""
        connection = http.client.HTTPConnection("127.0.0.1", API, timeout=20)
        try:
            connection.request("GET", "/events/", headers={"Authorization": f"Token {self.client.token}"})
            answer = connection.getresponse()
            while answer.readline() and not self.pumps[-1].stopping.is_set():
                pass
        finally:
            connection.close()

    def stop(self):
        for pump in self.pumps:
            pump.stopping.set()
        self.receiver.shutdown()


class Receiver(BaseHTTPRequestHandler):
    status = 204

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", RECEIVER), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def strangers(client, count):
    """Requests of every kind that a stranger can think of, none of which may make a series of its own."""
    for i in range(count):
        word = f"{WORD}{secrets.token_hex(4)}"
        client.request(("GET", "BREW", f"X{word}", "POST")[i % 4], f"/{word}/{i}/?{word}={word}")
        headers = {"X-Request-Id": word, "User-Agent": word, "Host": f"{word}.example"}
        client.request("GET", f"/image/{i + 10**9}/", headers=headers)
        client.request("POST", "/image/", word, {"Content-Type": f"text/{word}"})
        client.request("GET", f"/objects/{word}?signature={word}")

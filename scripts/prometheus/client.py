"""A client of the api: one user with a token."""

import http.client
import json
import secrets


class Client:
    def __init__(self, port, name=None):
        self.port, self.token = port, None
        self.account = {"username": name or f"user-{secrets.token_hex(4)}", "password": secrets.token_hex(12)}
        self.post("/user/register/", self.account, expected=201)
        self.token = self.post("/user/login/", self.account, expected=200)["token"]

    def request(self, method, path, body=None, headers=(), timeout=20, port=None):
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout)
        try:
            all_headers = {"Connection": "close", **dict(headers)}
            if self.token:
                all_headers["Authorization"] = f"Token {self.token}"
            connection.request(method, path, body, all_headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, value, expected):
        status, body = self.request("POST", path, json.dumps(value), {"Content-Type": "application/json"})
        assert status == expected, f"POST {path}: {status} {body}"
        return json.loads(body) if body else None

    def upload(self, name, data, port=None):
        """Status, and the image's id if there is one."""
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="original"; filename="{name}"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, answer = self.request("POST", "/image/", body, headers, port=port)
        return status, json.loads(answer).get("id") if status == 201 else None

    def finished(self, image):
        """How the image ended: its status, once it is ready or failed."""
        for _ in range(4):
            self.get(f"/image/{image}/?wait=15", timeout=30)
            status = json.loads(self.get(f"/image/{image}/status/")[1])
            if status["state"] in ("ready", "failed"):
                return status
        raise AssertionError(f"The image {image} is {status['state']} after a minute.")

"""Gives every request of schemathesis a token, and those of operators that of an operator.

A request that may end the use of tokens has a user of its own, so that the others go on meaning something.
"""

import itertools
import os
import subprocess

import httpx
import schemathesis

# That of the examples in the description, so that they do what they say.
PASSWORD = "correct horse"
ENDING = {"delete_user", "log_out", "change_password", "revoke_token"}

numbers = itertools.count()
api = httpx.Client(base_url=os.environ["RESIZINATOR_URL"])


def new_token(is_operator: bool = False) -> str:
    credentials = {"username": f"schemathesis-{os.getpid()}-{next(numbers)}", "password": PASSWORD}
    api.post("/user/register/", json=credentials).raise_for_status()
    if is_operator:
        program = os.environ["RESIZINATOR_PROGRAM"]
        subprocess.run([program, "user", "admin", credentials["username"], "on"], check=True)
    return api.post("/user/login/", json=credentials).raise_for_status().json()["token"]


shared = new_token()
operator = new_token(is_operator=True)


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case, context):
        operation_id = context.operation.definition.raw.get("operationId")
        if "operators" in context.operation.definition.raw.get("tags", []):
            return operator
        return new_token() if operation_id in ENDING else shared

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Token {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Begins lists at their start: no schema can say which cursors were signed, and any other is refused."""
    if (case.query or {}).get("cursor"):
        case.query["cursor"] = ""

"""Trouble of the private services: the database stands still, the broker takes no jobs."""

import json
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ["RESIZINATOR_SERVICES_DIR"])


def rabbitmqctl(*arguments):
    subprocess.run([ROOT / "scripts/services.sh", "rabbitmqctl", "-q", *arguments], check=True, timeout=60)


def limit_jobs(most):
    """The queue of jobs takes so many messages. What a consumer takes at once does not count."""
    definition = json.dumps({"max-length": most, "overflow": "reject-publish"})
    rabbitmqctl("set_policy", "full", "^images\\.resize$", definition, "--apply-to", "queues")


def refuse_jobs():
    limit_jobs(1)


def take_jobs():
    # Without any limit RabbitMQ would not tell those whom it has refused that there is room again.
    limit_jobs(1_000_000)


def database_server():
    return int((FOLDER / "postgres.pid").read_text().split()[0])


def database_connections():
    """The processes of the server, one for each connection and some more."""
    server, found = database_server(), []
    for folder in Path("/proc").iterdir():
        try:
            if int((folder / "stat").read_text().rsplit(") ", 1)[1].split()[1]) == server:
                found.append(int(folder.name))
        except (OSError, IndexError, ValueError):
            continue
    return found


def stop_database():
    # The server first and then what it has started, or else it would start some that are not stopped.
    os.kill(database_server(), signal.SIGSTOP)
    for pid in database_connections():
        os.kill(pid, signal.SIGSTOP)


def continue_database():
    for pid in [*database_connections(), database_server()]:
        os.kill(pid, signal.SIGCONT)


def psql(statement):
    return subprocess.run(
        ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"], "-c", statement],
        check=True, capture_output=True, text=True, timeout=30,
    ).stdout.strip()

"""Trouble of the private services: the database stands still, the broker takes no jobs."""

import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ["RESIZINATOR_SERVICES_DIR"])


def rabbitmqctl(*arguments):
    subprocess.run([ROOT / "scripts/services.sh", "rabbitmqctl", "-q", *arguments], check=True, timeout=60)


def refuse_jobs():
    """The queue of jobs takes one message. What a consumer takes at once does not count."""
    rabbitmqctl("set_policy", "full", "^images\\.resize$", '{"max-length":1,"overflow":"reject-publish"}', "--apply-to", "queues")


def take_jobs():
    rabbitmqctl("clear_policy", "full")


def database_processes():
    """The server and one process for each connection, the server first."""
    server = int((FOLDER / "postgres.pid").read_text().split()[0])
    found = [server]
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(") ", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == server:
                found.append(int(folder.name))
    return found


def signal_database(how):
    for pid in database_processes():
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def stop_database():
    # The server first, or else it would start processes that are not stopped.
    signal_database(signal.SIGSTOP)


def continue_database():
    signal_database(signal.SIGCONT)


def psql(statement):
    return subprocess.run(
        ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"], "-c", statement],
        check=True, capture_output=True, text=True, timeout=30,
    ).stdout.strip()

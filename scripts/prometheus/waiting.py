"""Waiting for a condition, and never for a time alone."""

import time


def wait_for(seconds, what, condition):
    """Returns what the condition gives as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"Waited {seconds} s in vain for {what}.")
        time.sleep(0.1)

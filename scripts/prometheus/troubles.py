"""What is really done to the service, and the alerts that each trouble has to raise.

A trouble is a generator: it goes wrong up to its `yield`, and right again after it.
"""

import signal
import socket

import files
import services
from client import Client
from load import Pump, Receiver
from stage import API, DEAD, ODD, set_clock


class Scene:
    """Troubles that begin and end together, so that the run is short."""

    def __init__(self, title, *troubles):
        self.title, self.troubles = title, troubles
        self.alerts = [alert for trouble in troubles for alert in trouble.alerts]


def raises(*alerts):
    def mark(trouble):
        trouble.alerts = alerts
        return trouble

    return mark


@raises("ResizinatorApiAtLimit", "ResizinatorDiskNearlyFull")
def an_api_at_its_limits(stage, client):
    """The odd api takes four connections, and no upload leaves enough room on its disk."""

    def knock():
        connections = []
        try:
            for _ in range(12):
                connections.append(socket.create_connection(("127.0.0.1", ODD), timeout=5))
            # What is refused is answered at once, and then closed.
            connections[-1].settimeout(5)
            connections[-1].recv(1)
        finally:
            for connection in connections:
                connection.close()

    refused = Pump(knock, pause=0.5)
    full = Pump(lambda: client.upload("a.png", files.png(8, 8), port=ODD), pause=0.5)
    yield
    refused.stop()
    full.stop()


@raises("ResizinatorClockOff")
def a_wrong_clock(stage, client):
    """The clock of the odd api is a minute and a half behind."""
    set_clock(-90)
    yield
    set_clock(0)


@raises("ResizinatorWebhooksFailing")
def dead_receivers(stage, client):
    """Two users have ten webhooks each at a port where nobody listens, and upload. The receiver that worked answers 502."""
    Receiver.status = 502
    hooks = []
    for user in (Client(API), Client(API)):
        for _ in range(10):
            hook = user.post("/user/webhooks/", {"url": f"http://127.0.0.1:{DEAD}/"}, expected=201)
            hooks.append((user, hook["id"]))
        user.upload("a.png", files.png(16, 16))
    yield
    Receiver.status = 204
    for user, hook in hooks:
        user.request("DELETE", f"/user/webhooks/{hook}/")


@raises("ResizinatorImagesFailing")
def a_defect(stage, client):
    """The database has a constraint that an image breaks when it is to become ready."""
    services.psql("ALTER TABLE images ADD CONSTRAINT defect CHECK (file_name <> 'defect.png' OR state <> 'ready')")
    client.upload("defect.png", files.png(64, 64))
    yield
    services.psql("ALTER TABLE images DROP CONSTRAINT defect")


@raises("ResizinatorMessagesRefused", "ResizinatorImagesUnqueued", "ResizinatorImagesStuck")
def a_full_queue(stage, client):
    """A policy of the broker has the queue of jobs refuse messages as soon as one waits in it."""
    services.refuse_jobs()
    for _ in range(5):
        client.upload("a.png", files.png(16, 16))
    yield
    services.take_jobs()


@raises("ResizinatorNoWorkerConsumes", "ResizinatorTargetDown")
def the_workers_die(stage, client):
    """One is killed, the other one ends by SIGTERM."""
    stage.worker_1.end(signal.SIGKILL)
    stage.worker_2.end(signal.SIGTERM)
    yield
    # Nothing is right again until the next scene is over.


@raises("ResizinatorRenderersReplaced", "ResizinatorBacklogGrows")
def a_small_worker_and_slow_files(stage, client):
    """The only worker has a second for each image and two slots, and gets animations that take longer."""
    slow, images = files.slow_gif(600, 500), []
    uploads = Pump(lambda: images.append(client.upload("slow.gif", slow)[1]), pause=0.2)
    stage.narrow.start().wait()
    yield
    uploads.stop()
    # The others would be busy with the rest for minutes.
    client.post("/image/delete/", {"ids": [image for image in images if image]}, expected=200)
    stage.narrow.end()
    stage.worker_1.start()
    stage.worker_2.start()
    stage.worker_1.wait()
    stage.worker_2.wait()


@raises("ResizinatorBackendAway", "ResizinatorErrors", "ResizinatorSlowRequests", "ResizinatorDatabasePoolExhausted")
def the_database_stands_still(stage, client):
    """All processes of PostgreSQL are stopped, as on a host that hangs, while forty clients ask."""
    crowd = Pump(lambda: client.get("/limits/"), pause=0, threads=40)
    services.stop_database()
    yield
    services.continue_database()
    crowd.stop()


@raises("ResizinatorApiDown")
def the_apis_die(stage, client):
    for api in (stage.api, stage.odd):
        api.end(signal.SIGKILL)
    yield
    for api in (stage.api, stage.odd):
        api.start()
    for api in (stage.api, stage.odd):
        api.wait()


SCENES = [
    Scene(
        "An api at its limits, a wrong clock, dead receivers of webhooks, and a defect",
        an_api_at_its_limits,
        a_wrong_clock,
        dead_receivers,
        a_defect,
    ),
    Scene("All workers die, and the queue of jobs is full", the_workers_die, a_full_queue),
    Scene("A small worker alone gets slow files", a_small_worker_and_slow_files),
    Scene("The database stands still", the_database_stands_still),
    Scene("All apis die", the_apis_die),
]

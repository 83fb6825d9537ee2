"""Walks through the api as a client of it does, with the client that is generated from its description.

walk.py BASE_URL IMAGE_FILE
"""

import os
import sys
import time
from http import HTTPStatus
from pathlib import Path

import httpx
from resizinator_client import AuthenticatedClient, Client
from resizinator_client.api.account import get_limits, log_in, register
from resizinator_client.api.images import delete_image, get_image, list_images, upload_image
from resizinator_client.models import AccountError, Detail, ImagePage, ImageRecord, Login, NewUser, Upload
from resizinator_client.types import File

base_url, picture = sys.argv[1], Path(sys.argv[2])
anyone = Client(base_url=base_url)
name, password = f"python-{os.getpid()}", "correct horse"

created = register.sync_detailed(client=anyone, body=NewUser(username=name, password=password))
assert created.status_code == HTTPStatus.CREATED, created
again = register.sync(client=anyone, body=NewUser(username=name, password=password))
assert isinstance(again, AccountError) and again.error == "Username already exists", again

token = log_in.sync(client=anyone, body=Login(username=name, password=password)).token
# A long poll takes up to 30 s, and the client would give up after five.
client = AuthenticatedClient(base_url=base_url, token=token, prefix="Token", timeout=httpx.Timeout(60))


def upload() -> ImageRecord:
    with picture.open("rb") as file:
        image = upload_image.sync(client=client, body=Upload(original=File(payload=file, file_name=picture.name)))
    assert isinstance(image, ImageRecord), image
    assert image.small is None, image
    return image


def ready(image: ImageRecord) -> ImageRecord:
    end = time.monotonic() + 60
    while image.small is None or image.medium is None:
        assert time.monotonic() < end, f"image {image.id} is not ready after a minute"
        image = get_image.sync(image.id, client=client, wait=30)
        assert isinstance(image, ImageRecord), image
    return image


images = [upload() for _ in range(3)]
for image in images:
    done = ready(image)
    for url in (done.original, done.small):
        assert httpx.get(url).headers["content-type"] == "image/jpeg", url

seen: list[int] = []
while True:
    page = list_images.sync(client=client, limit=2, offset=len(seen))
    assert isinstance(page, ImagePage) and page.count == len(images), page
    seen += [image.id for image in page.results]
    if page.next_ is None:
        break
assert seen == [image.id for image in images], seen

for image in images:
    deleted = delete_image.sync_detailed(image.id, client=client)
    assert deleted.status_code == HTTPStatus.NO_CONTENT, deleted
gone = get_image.sync(images[0].id, client=client)
assert isinstance(gone, Detail), gone
assert get_limits.sync(client=client).quotas.images.used == 0
print(f"The Python client has registered, uploaded {len(images)} images, paged through them and deleted them.")

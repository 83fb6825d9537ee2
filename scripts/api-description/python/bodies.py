"""Leaves one media type for each body in a description: openapi-python-client makes code of several that does not
import what it uses."""

import json
import sys

document = json.load(sys.stdin)
for path in document["paths"].values():
    for operation in path.values():
        content = operation.get("requestBody", {}).get("content", {})
        for media_type in list(content)[1:]:
            del content[media_type]
json.dump(document, sys.stdout)

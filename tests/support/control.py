"""What speaks HTTP to a control interface."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from kafkacompat import ThreadedBroker


class Http:
    """Speaks JSON to one server."""

    def __init__(self, url: str, broker: ThreadedBroker | None = None) -> None:
        self.url = url
        self.broker = broker

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data, {"Content-Type": "application/json"} | headers)
        request.method = method
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        status, answer = self.call("GET", path)
        assert status == 200, answer
        return answer

    def post(self, path: str, **body: Any) -> Any:
        status, answer = self.call("POST", path, body)
        assert status == 200, answer
        return answer

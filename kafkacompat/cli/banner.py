"""What a broker says of itself once it is ready: to people, and to programs."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from kafkacompat import __version__
from kafkacompat.server.advertise import host_and_port
from kafkacompat.server.listener import Endpoint

DURABILITY_IN_WORDS = {
    "fsync": "acks=all is answered when the data is synced to disk",
    "os": "written to the operating system, not synced: a power cut loses the latest data",
    "memory": "in memory only: gone when the broker stops",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A node that serves clients, or several."""

    node_id: int
    cluster_id: str
    listening: Sequence[Endpoint]
    advertised: Sequence[Endpoint]
    data: Sequence[str]
    """Folders; empty when everything is in memory."""
    durability: str
    start_ms: int
    control: str | None = None
    """Where the control interface is, if there is one."""
    bootstrap: Sequence[Endpoint] = ()
    """The first that is advertised of each broker."""

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect: what is advertised for the first listener, of each broker."""
        return ",".join(map(host_and_port, self.bootstrap or self.advertised[:1]))


def json_line(ready: Ready) -> str:
    """Return what `--print-ready json` prints."""
    control = {} if ready.control is None else {"control": ready.control}
    return json.dumps(
        control
        | {
            "bootstrap_servers": ready.bootstrap_servers,
            "pid": os.getpid(),
            "node_id": ready.node_id,
            "cluster_id": ready.cluster_id,
            "listeners": {end.name: host_and_port(end) for end in reversed(ready.advertised)},
            "data": list(ready.data),
            "durability": ready.durability,
            "start_ms": ready.start_ms,
            "version": __version__,
        }
    )


def env_line(ready: Ready) -> str:
    """Return what `--print-ready env` prints."""
    return f"KAFKA_BOOTSTRAP_SERVERS={ready.bootstrap_servers}"


READY_LINES = {"json": json_line, "env": env_line}


def banner(ready: Ready) -> str:
    """Return what a person at a terminal is told."""
    lines = [f"kafkacompat {__version__}  node {ready.node_id}, cluster {ready.cluster_id}", ""]
    for end, told in zip(ready.listening, ready.advertised, strict=True):
        shown = f"  listening   {end}"
        if (end.host, end.port) != (told.host, told.port):
            shown += f"  (clients are told {host_and_port(told)})"
        lines.append(shown)
    if ready.control is not None:
        lines.append(f"  control     {ready.control}/openapi.json")
    place = ", ".join(ready.data) or "none"
    lines += [
        f"  data        {place}",
        f"  durability  {DURABILITY_IN_WORDS[ready.durability]}",
        "",
        f"ready in {ready.start_ms} ms; stop with Ctrl-C",
    ]
    return "\n".join(lines)

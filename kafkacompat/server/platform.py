"""The socket calls that not every platform has, each with its fallback.

`HIDE` (environment KAFKACOMPAT_HIDE_PLATFORM=1) makes the module behave as on a platform that
has none of them, so that the fallbacks are tested on Linux too.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence

from kafkacompat.clock import give_way

HIDE = os.environ.get("KAFKACOMPAT_HIDE_PLATFORM") == "1"
KEEPALIVE_IDLE_S = 60
UNACKNOWLEDGED_MS = 120_000

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's numbers for mallopt."""
LARGEST_KEPT_BYTES = 32 << 20
KEPT_BYTES = 64 << 20


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop event loop, or asyncio's own where uvloop does not exist."""
    if not HIDE:
        try:
            import uvloop
        except ImportError:
            pass
        else:
            loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
            return loop
    return asyncio.new_event_loop()


def reads_in_one_step(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the loop fills a protocol's buffer and hands it over without a pause.

    True of readiness-based loops, where connections can share one receive buffer; false of
    Windows' completion-based loop.
    """
    return "Proactor" not in type(loop).__name__


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound but does not listen yet; IPv6 ones take no IPv4.

    Errors: OSError.
    """
    infos = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = _preferred(infos)
    made = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if not host else 1)
        made.setblocking(False)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


async def stop_serving(server: asyncio.Server) -> None:
    """Close a server of the running loop, and lose no connection that it has accepted.

    asyncio's own loop leaks the sockets of those that it has not made a transport for.
    """
    loop = asyncio.get_running_loop()
    if isinstance(loop, asyncio.SelectorEventLoop):
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        await give_way()
        await give_way()
    server.close()


def _preferred(infos: Sequence[tuple[object, ...]]) -> tuple[int, int, int, str, tuple[str, int]]:
    """Take the IPv4 address of a name that has both, as most clients do."""
    ipv4 = (info for info in infos if info[0] == socket.AF_INET)
    return next(ipv4, infos[0])  # type: ignore[return-value]


def keep_freed_memory() -> bool:
    """Have the C library keep freed buffers of some megabytes for the next of their size.

    A fetch answer is such a buffer. By default glibc returns each to the system, and the page
    faults of the next one halve what consumers get. It concerns the whole process, so only a
    process that is all broker should ask for it. Return whether it could be done.
    """
    if HIDE or sys.platform != "linux":
        return False
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # a C library other than glibc
        return False
    return all(
        mallopt(name, value)
        for name, value in (
            # What a thread loads another frees: with an arena for each, all of them would fill.
            (M_ARENA_MAX, 1),
            (M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES),
            (M_TRIM_THRESHOLD, KEPT_BYTES),
        )
    )


def tune(connection: socket.socket) -> None:
    """Make small answers leave at once, and half-open peers be noticed."""
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if HIDE:
            return
        if hasattr(socket, "TCP_KEEPIDLE"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            option = socket.TCP_USER_TIMEOUT
            connection.setsockopt(socket.IPPROTO_TCP, option, UNACKNOWLEDGED_MS)
    except OSError:
        pass  # a peer that is gone already

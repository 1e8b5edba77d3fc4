"""Where the processes of one machine meet: the TCP port that workers share, and the challengers' Unix sockets."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from hashlib import blake2b
from pathlib import Path

from tidemill.errors import ServeError


def challenger_socket(home: Path, version: str) -> Path:
    """The socket of a challenger (`ranker@8`) of that home, in a folder that only this user may enter.

    Not inside the home: the path of a Unix socket may not be longer than about 100 characters.
    """
    place = blake2b(str(home.resolve()).encode(), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"tidemill-{os.getuid()}-{place}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise ServeError("socket-folder-foreign", path=str(folder))
    return folder / f"{blake2b(version.encode(), digest_size=8).hexdigest()}.sock"


def reserve(host: str, port: int) -> socket.socket:
    """A bound socket that keeps the port (0: any free one) for workers to share; it takes no connections itself.

    ServeError `port-in-use`, `address-unusable`. Asked without sharing first: else two servers would share a port.
    """
    try:
        bound(host, port, socket.SO_REUSEADDR).close()
        return bound(host, port, socket.SO_REUSEPORT)  # without SO_REUSEADDR, so that the next to ask is refused
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServeError("port-in-use", host=host, port=port) from error
        raise ServeError("address-unusable", host=host, port=port, words=error.strerror or str(error)) from error


def bind_shared(host: str, port: int) -> socket.socket:
    """A socket bound to a port that others of this user may bind too; the system spreads connections over them."""
    return bound(host, port, socket.SO_REUSEADDR, socket.SO_REUSEPORT)


def bound(host: str, port: int, *options: int) -> socket.socket:
    """A TCP socket with these options switched on, bound."""
    family, address = resolve(host, port)
    found = socket.socket(family)
    try:
        for option in options:
            found.setsockopt(socket.SOL_SOCKET, option, 1)
        found.bind(address)
    except OSError:
        found.close()
        raise
    return found


def bind_path(path: Path) -> socket.socket:
    """A Unix socket at the path; one that a killed process left behind is taken away first."""
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX)
    found.bind(str(path))
    return found


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The family and address of a host. ServeError `address-unusable`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ServeError("address-unusable", host=host, port=port, words=error.strerror or str(error)) from error
    return family, (str(address[0]), int(address[1]))

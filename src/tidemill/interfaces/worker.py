"""One serving process: argv in, answers out."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tidemill.app.answer import Seat, prove
from tidemill.errors import TidemillError
from tidemill.tell.words import sentence, way_out

DOORS = {"http": "tidemill.interfaces.http.door"}
"""Modules with a `Door` and a `serve`; imported when their door is opened."""

LOG = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until it is told to end, or proves one bundle; 0 when that went well."""
    given = arguments().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format=LOG, stream=sys.stderr)
    if given.prove:
        return proven(given.home, given.prove)
    door: Any = import_module(DOORS["http"])
    place = door.Door(
        host=given.host,
        port=given.port,
        path=given.socket,
        parent=given.parent,
        announce=given.announce,
        challenger_s=given.challenger_timeout,
    )
    try:
        door.serve(seated(given), place)
    except TidemillError as error:
        print(
            f"{error.code}: {sentence(error.code, error.fields)} {way_out(error.code, error.fields)}", file=sys.stderr
        )
        return 1
    finally:
        if given.modules_to:
            given.modules_to.write_text("\n".join(sorted(sys.modules)))
    return 0


def seated(given: argparse.Namespace) -> Seat:
    """Which serving process this is. SettingsError `reference-unset` for what its environment lacks."""
    return Seat(
        home=given.home,
        system=given.system,
        worker=given.name,
        challenger=given.group.partition(":")[2],
        bundle=given.bundle,
        clock=given.clock,
        journal=given.journal,
        online=address(given.online),
    )


def address(online: str) -> str:
    """The URL of the online store with its references read from this process's environment."""
    if not online:
        return ""
    from tidemill.app.settings import resolved

    return resolved(online)


def proven(home: Path, digest: str) -> int:
    """Loads the bundle and has it answer its golden rows; says the error as JSON."""
    try:
        prove(home, digest)
    except TidemillError as error:
        print(json.dumps({"code": error.code, "fields": {name: str(value) for name, value in error.fields.items()}}))
        return 1
    return 0


def arguments() -> argparse.ArgumentParser:
    """What a worker is told by whoever starts it."""
    parser = argparse.ArgumentParser(prog="tidemill-worker", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the system's .tidemill folder")
    parser.add_argument("--system", default="", help="the system whose policies are followed")
    parser.add_argument("--name", default="worker", help="its journals' name: letters, digits, _ and -")
    parser.add_argument("--group", default="champion", help="champion, or challenger:MODEL@ORDINAL")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--socket", type=Path, help="a Unix socket instead of host and port")
    parser.add_argument("--bundle", default="", help="answer with this bundle alone")
    parser.add_argument("--journal", type=Path, help="where to write, else in the home")
    parser.add_argument(
        "--online", default="", help="URL of the online store, with ${NAME} references; else the home's"
    )
    parser.add_argument("--clock", default="system")
    parser.add_argument("--parent", type=int, default=0, help="end when this process is gone")
    parser.add_argument("--announce", action="store_true", help="say on standard output where it listens")
    parser.add_argument("--challenger-timeout", type=float, default=0.5, help="seconds until the champion answers")
    parser.add_argument("--prove", default="", help="load this bundle, answer its golden rows, and end")
    parser.add_argument("--modules-to", type=Path, help="at the end, write the names of loaded modules here")
    return parser


if __name__ == "__main__":
    sys.exit(main())

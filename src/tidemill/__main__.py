"""`python -m tidemill`, and the console script `tidemill`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from types import TracebackType


def main() -> None:
    """The command line; ends the process with its exit code. What a terminal cannot show it shows as `?`."""
    from tidemill.interfaces.cli.main import mill

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.excepthook = unforeseen
    mill()


def unforeseen(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """Python's last resort: what nobody foresaw is told like any other error, with its traceback in a file."""
    from tidemill.interfaces.cli.fault import stumbled

    stumbled(error)


if __name__ == "__main__":
    main()

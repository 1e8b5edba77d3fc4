"""`python -m tidemill`, and the console script `tidemill`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from types import TracebackType


def main() -> None:
    """The command line; ends the process with its exit code. What a terminal cannot show it shows as `?`.

    What is written to a stream that was closed before goes nowhere.
    """
    from tidemill.interfaces.cli.main import mill

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the process
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

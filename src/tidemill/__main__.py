"""`python -m tidemill`, and the console script `tidemill`."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """The command line; ends the process with its exit code. What a terminal cannot show it shows as `?`."""
    from tidemill.interfaces.cli.main import mill

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    mill()


if __name__ == "__main__":
    main()

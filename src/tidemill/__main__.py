"""`python -m tidemill`, and the console script `tidemill`."""

from __future__ import annotations


def main() -> None:
    """The command line; ends the process with its exit code."""
    from tidemill.interfaces.cli.main import mill

    mill()


if __name__ == "__main__":
    main()

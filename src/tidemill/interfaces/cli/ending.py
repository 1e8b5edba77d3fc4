"""How a command that works for long ends: each way out leaves a line in the log, and none is without a word."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tidemill.errors import RunError

FROM_OUTSIDE = (signal.SIGTERM, signal.SIGHUP)
"""What a time limit, a shutdown or a closed terminal sends."""

log = logging.getLogger("tidemill.command")


@contextmanager
def ending(what: str) -> Iterator[None]:
    """Logs that it begins and how it ends; a log without an end tells of a kill.

    SIGTERM and SIGHUP end it as Ctrl-C does, so that what is half done is tidied away, and become RunError
    `ended-by-signal`; those that are ignored, as under nohup, stay so. A crash of the process shows its stack.
    """
    came: list[signal.Signals] = []
    here = os.getpid()

    def end(number: int, _: FrameType | None) -> None:
        if os.getpid() != here:
            os._exit(128 + number)  # a process forked meanwhile has nothing of this to say
        came.append(signal.Signals(number))
        raise KeyboardInterrupt

    before = {one: signal.signal(one, end) for one in FROM_OUTSIDE if signal.getsignal(one) != signal.SIG_IGN}
    if sys.__stderr__ is not None and not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__)
    log.info("%s begins", what)
    try:
        yield
    except KeyboardInterrupt:
        if came:
            raise RunError("ended-by-signal", signal=came[0].name) from None
        raise
    finally:
        error = sys.exc_info()[1]
        log.info("%s ends: %s", what, "done" if error is None else repr(error))
        for number, handler in before.items():
            signal.signal(number, handler)

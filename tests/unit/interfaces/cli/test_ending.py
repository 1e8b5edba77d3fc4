"""A command that is ended from outside says so and tidies up; the log has each beginning and end."""

from __future__ import annotations

import logging
import os
import signal

import pytest

from tidemill.errors import DataError, RunError
from tidemill.interfaces.cli.ending import ending


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_outside_ends_the_work_in_words(number: signal.Signals, caplog: pytest.LogCaptureFixture) -> None:
    first = signal.signal(number, signal.SIG_DFL)  # nohup would have it ignored, and then it is
    before, tidied = signal.getsignal(number), []

    def work() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            tidied.append(number)

    caplog.set_level(logging.INFO, "tidemill.command")
    with pytest.raises(RunError) as raised, ending("replay"):
        work()
    assert (raised.value.code, raised.value.fields) == ("run.ended-by-signal", {"signal": number.name})
    assert tidied == [number]
    assert signal.getsignal(number) == before
    assert [one.getMessage().split(":")[0] for one in caplog.records] == ["replay begins", "replay ends"]
    assert number.name in caplog.text
    signal.signal(number, first)


def test_ctrl_c_and_errors_pass_and_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tidemill.command")
    with pytest.raises(KeyboardInterrupt), ending("replay"):
        raise KeyboardInterrupt
    with pytest.raises(DataError), ending("replay"):
        raise DataError("no-asks", label="lost")
    with ending("replay"):
        pass
    assert ["KeyboardInterrupt" in caplog.messages[1], "data.no-asks" in caplog.messages[3]] == [True, True]
    assert caplog.messages[5] == "replay ends: done"


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending("replay"):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_process_forked_meanwhile_just_ends() -> None:
    with ending("replay"):
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(0)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM

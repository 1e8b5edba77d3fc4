"""Runs a function in a forked process and brings back what it gives or raises: its crash or leak stays there."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import TypeVar

from tidemill.errors import RunError, TidemillError

T = TypeVar("T")

LOOK_FOR_PARENT_SECONDS = 0.5


def forked(work: Callable[[], T], *, seconds: float | None = None) -> T:
    """What the function gives, which must be picklable; the function itself may be any closure.

    Raises what the function raises, if it is a built-in exception or Tidemill's, else RunError `work-raised`; RunError
    `process-died` when the process ends without an answer, `process-too-slow` when it takes longer. Needs os.fork.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(sending, work))
    _start(child)
    sending.close()
    try:
        answer: tuple[T, BaseException | None] | None = _received(receiving, child.sentinel, seconds)
        child.join()
    finally:
        receiving.close()
        child.kill()  # If it took too long, or this process was interrupted; otherwise it has ended.
        child.join()
    if answer is None:
        raise RunError("process-died", reason=_reason(child.exitcode or 0))
    value, error = answer
    if error is not None:
        raise error
    return value


def _start(child: ForkProcess) -> None:
    """Forks; the child never collects what this process has thrown away but not collected yet.

    An engine in it, whose threads are lost in a fork, may crash or wait for ever as it is taken apart there.
    """
    gc.freeze()
    try:
        child.start()
    finally:
        gc.unfreeze()


def _received(receiving: Connection, ended: int, seconds: float | None) -> tuple[T, BaseException | None] | None:
    """The answer, or None when the process has ended without one."""
    if not wait([receiving, ended], seconds):
        raise RunError("process-too-slow", seconds=seconds)
    try:
        given: tuple[T, BaseException | None] | None = receiving.recv() if receiving.poll() else None
    except EOFError:
        return None
    return given


def _child(sending: Connection, work: Callable[[], object]) -> None:
    """The forked process: works in a fresh thread, and ends when the work or the parent does.

    OpenMP keeps its threads per thread that asks for them; those of the parent are lost in a fork, and the thread that
    forked would wait for them for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which kills this one.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    worker = threading.Thread(target=_work, args=(sending, work), daemon=True)
    worker.start()
    parent = multiprocessing.parent_process()
    while worker.is_alive():
        worker.join(LOOK_FOR_PARENT_SECONDS)
        if parent is not None and not parent.is_alive():
            break
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # Neither the parent's exit handlers nor threads that the work left behind are waited for.


def _work(sending: Connection, work: Callable[[], object]) -> None:
    try:
        sending.send((work(), None))
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again by the parent.
        sending.send((None, _sendable(error)))


def _sendable(error: BaseException) -> BaseException:
    """The error if it is sure to arrive whole, else its words."""
    if isinstance(error, TidemillError) or type(error).__module__ == "builtins":
        return error
    return RunError("work-raised", error=type(error).__name__, words=str(error)[:300])


def _reason(exit_code: int) -> str:
    """`SIGSEGV`, or `exit status 3`."""
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit status {exit_code}"

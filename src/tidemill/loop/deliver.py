"""Sends what waits in the outbox: at least once, again after longer and longer waits, giving up only loudly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tidemill.errors import ServeError, TidemillError
from tidemill.facts.codec import canonical, digest
from tidemill.facts.event import Event
from tidemill.facts.signal import Alert, Notice
from tidemill.loop.pace import Pace
from tidemill.ports.context import Context
from tidemill.ports.notifier import Notifier
from tidemill.tell.words import sentence, way_out

SUBJECT = 120


def as_it_is(text: str) -> str:
    """An address without references."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Who brings messages, by scheme of the address (`https`, `mailto`); `resolve` fills references like ${NAME}."""

    notifiers: Mapping[str, Notifier]
    resolve: Callable[[str], str] = as_it_is
    language: str = "en"


def deliver(system: str, post: Post, pace: Pace, ctx: Context) -> tuple[Notice, ...]:
    """Tries every message that is due; each as it now stands: sent, waiting for its next try, or given up.

    A message whose process dies between sending and noting it is sent again; its `id` tells the receiver.
    """
    now_us = ctx.clock.now_us()
    waiting = ctx.ledger.find(Notice, system=system, state="waiting")
    return tuple(tried(notice, post, pace, ctx) for notice in waiting if is_due(notice, pace, now_us))


def is_due(notice: Notice, pace: Pace, now_us: int) -> bool:
    """Whether it has waited long enough since its last try: twice as long each time, up to the longest wait."""
    if not notice.tries:
        return True
    return now_us - notice.at_us >= min(pace.notice_us << min(notice.tries - 1, 40), pace.notice_most_us)


def tried(notice: Notice, post: Post, pace: Pace, ctx: Context) -> Notice:
    """The message after one try, in the ledger."""
    now_us = ctx.clock.now_us()
    try:
        send(notice, post)
    except TidemillError as error:
        tries = notice.tries + 1
        failed = replace(notice, tries=tries, error=str(error), at_us=now_us)
        if tries < pace.notice_tries:
            ctx.ledger.commit(failed)
            return failed
        given_up = replace(failed, state="given_up")
        alert = lost(given_up, now_us)
        event = Event(at_us=now_us, system=notice.system, code=alert.code, subject=notice.id, fields=alert.fields)
        ctx.ledger.commit(given_up, alert, events=[event])
        return given_up
    sent = replace(notice, state="sent", tries=notice.tries + 1, error="", at_us=now_us)
    open_alert = ctx.ledger.get(Alert, notice.system, address(notice))
    over = () if open_alert is None or open_alert.state == "resolved" else (closed(open_alert, now_us),)
    ctx.ledger.commit(sent, *over)
    return sent


def send(notice: Notice, post: Post) -> None:
    """Hands the message to whoever serves its address. ServeError `notice-failed`, SettingsError from references."""
    url = post.resolve(notice.url)
    scheme = url.partition(":")[0]
    notifier = post.notifiers.get(scheme)
    if notifier is None:
        raise ServeError("notice-failed", address=notice.url, words=f"no notifier for {scheme}:")
    said = sentence(notice.code, notice.fields, language=post.language)
    out = way_out(notice.code, notice.fields, language=post.language)
    subject = f"[{notice.system}] {said}"
    text = f"{subject}\n{out}" if out else subject
    document = {
        "v": 1,
        "id": notice.id,
        "system": notice.system,
        "code": notice.code,
        "severity": notice.severity,
        "fields": notice.fields,
        "text": text,
        "at_us": notice.at_us,
    }
    short = subject if len(subject) <= SUBJECT else f"{subject[: SUBJECT - 1]}…"
    notifier.send(url, subject=short, text=text, document=canonical(document))


def address(notice: Notice) -> str:
    """The fingerprint of the trouble that an address gives."""
    return digest([notice.system, "notice", notice.url])[:16]


def lost(notice: Notice, now_us: int) -> Alert:
    """The alert that an address cannot be reached: seen where the record is looked at."""
    return Alert(
        system=notice.system,
        model="",
        fingerprint=address(notice),
        code="event.notice-given-up",
        fields={"address": notice.url, "tries": notice.tries, "error": notice.error, "what": notice.code},
        severity="critical",
        first_us=now_us,
        last_us=now_us,
        at_us=now_us,
    )


def closed(alert: Alert, now_us: int) -> Alert:
    """The alert, over."""
    return replace(alert, state="resolved", last_us=now_us, at_us=now_us)

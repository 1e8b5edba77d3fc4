"""Messages go out at least once, later and later when they cannot, and are given up only loudly."""

from __future__ import annotations

import json

import pytest

from tests.unit.loop.kit import HOUR, NOON, Stand
from tidemill.errors import SettingsError
from tidemill.facts.signal import Alert, Notice
from tidemill.loop.deliver import Post, deliver
from tidemill.loop.pace import MINUTE, Pace
from tidemill.testing.fakes import FakeNotifier

PACE = Pace(notice_tries=4)


def notice(url: str = "https://hooks.example/x", **changes: object) -> Notice:
    given = {"fields": {"model": "risk", "who": "min.park", "reason": "feed"}, "code": "event.paused"} | changes
    return Notice(system="bank", id=f"n-{url}", url=url, at_us=NOON, **given)  # type: ignore[arg-type]  # a notice's own


def states(stand: Stand) -> list[tuple[str, int]]:
    return [(one.state, one.tries) for one in stand.ledger.find(Notice)]


def test_says_it_in_words_with_the_whole_document() -> None:
    stand, post = Stand(), FakeNotifier()
    stand.ledger.commit(notice())
    (sent,) = deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
    assert (sent.state, sent.tries) == ("sent", 1)
    (message,) = post.sent
    assert message.subject == '[bank] min.park paused risk: "feed". Harm still rolls back.'
    document = json.loads(message.document)
    assert (document["id"], document["code"], document["fields"]["who"]) == (sent.id, "event.paused", "min.park")
    assert deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx) == ()
    assert len(post.sent) == 1


def test_tries_again_after_longer_and_longer_waits() -> None:
    stand, post = Stand(), FakeNotifier(refuse=3)
    stand.ledger.commit(notice())
    tried_at = []
    for minute in range(8):
        before = states(stand)
        deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
        if states(stand) != before:
            tried_at.append(minute)
        stand.clock.advance(minutes=1)
    assert tried_at == [0, 1, 3, 7]
    assert states(stand) == [("sent", 4)]
    assert len(post.sent) == 1


def test_waits_no_longer_than_the_longest_wait() -> None:
    stand, post = Stand(), FakeNotifier()
    stand.ledger.commit(notice(tries=50))
    pace = Pace(notice_most_us=HOUR)
    stand.clock.wait(HOUR - 1)
    assert deliver("bank", Post(notifiers={"https": post}), pace, stand.ctx) == ()
    stand.clock.wait(1)
    assert len(deliver("bank", Post(notifiers={"https": post}), pace, stand.ctx)) == 1


def test_gives_up_loudly_and_the_next_success_closes_it() -> None:
    stand, post = Stand(), FakeNotifier(refuse=4)
    stand.ledger.commit(notice())
    for _ in range(4):
        deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
        stand.clock.wait(PACE.notice_most_us)
    assert states(stand) == [("given_up", 4)]
    (alert,) = stand.ledger.find(Alert)
    assert (alert.state, alert.severity, alert.fields["tries"]) == ("firing", "critical", 4)
    assert stand.ledger.events()[-1].code == "event.notice-given-up"
    stand.ledger.commit(notice(code="event.resumed"))
    deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
    assert [one.state for one in stand.ledger.find(Alert)] == ["resolved"]


def test_one_bad_address_keeps_nobody_else_from_hearing() -> None:
    stand, post = Stand(), FakeNotifier()
    stand.ledger.commit(notice("pigeon://roof"), notice("${NOWHERE}"), notice())

    def resolve(text: str) -> str:
        if text.startswith("$"):
            raise SettingsError("reference-unset", name="NOWHERE", where=text)
        return text

    found = deliver("bank", Post(notifiers={"https": post}, resolve=resolve), PACE, stand.ctx)
    assert [one.state for one in found] == ["waiting", "waiting", "sent"]
    assert "no notifier for pigeon" in found[0].error
    assert "reference-unset" in found[1].error


def test_is_sent_again_when_it_is_not_known_whether_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    stand, post = Stand(), FakeNotifier()
    stand.ledger.commit(notice())
    with monkeypatch.context() as patch:
        patch.setattr(stand.ledger, "commit", stop)
        with pytest.raises(KeyboardInterrupt):
            deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
    deliver("bank", Post(notifiers={"https": post}), PACE, stand.ctx)
    assert len(post.sent) == 2
    assert json.loads(post.sent[0].document)["id"] == json.loads(post.sent[1].document)["id"]
    assert MINUTE < HOUR


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt

"""How the demo ends: everything stopped, the shop's time back to the machine's pace, and where to look."""

from __future__ import annotations

from tidemill.app.demo.play import MODEL, Play
from tidemill.app.demo.told import End, Place
from tidemill.facts.release import Release


def end(play: Play) -> None:
    """Stops what runs and tells what happened and where all of it can be looked at."""
    answer, lines = play.tally.last_id, tuple(play.diary.lines)
    play.close()
    play.processes.stop()
    play.go_on_at(1.0)
    releases = play.ledger.find(Release, system=play.system, model=MODEL)
    out = next((one.name for one in releases if one.state in {"rolled_back", "refused"}), MODEL)
    play.tell(End(lines=lines, places=tuple(places(play, answer, out))))


def places(play: Play, answer: str, out: str) -> list[Place]:
    """Commands and files, in the order in which a person would go."""
    body = '\'{"customer_id": 17, "top": 3}\''
    return [
        Place(what=f"cd {play.folder}", code="demo.place-folder"),
        Place(what="tidemill status", code="demo.place-status"),
        Place(what=f"tidemill why {answer}", code="demo.place-answer"),
        Place(what=f"tidemill why {out}", code="demo.place-out"),
        Place(what="tidemill up", code="demo.place-up"),
        Place(what=f"curl -s {play.url}/recommend -d {body}", code="demo.place-curl"),
        Place(what="system.py  shop.db  .tidemill/  logs/  alerts.jsonl", code="demo.place-files"),
    ]

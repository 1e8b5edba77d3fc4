"""How the demo ends: everything stopped, the shop's time back to the machine's pace, and where to look."""

from __future__ import annotations

from tidemill.app.demo.play import MODEL, Play
from tidemill.app.demo.told import End, Place
from tidemill.facts.release import Release


def end(play: Play) -> None:
    """Stops what runs and tells what happened and where all of it can be looked at."""
    releases = play.ledger.find(Release, system=play.system, model=MODEL)
    champion = next((one.name for one in releases if one.state == "champion"), "")
    refused = next((one.name for one in releases if one.state == "refused"), MODEL)
    answer = play.tally.last_ids.get(champion, champion)
    play.close()
    play.processes.stop()
    play.go_on_at(1.0)
    play.tell(End(lines=tuple(play.diary.lines), places=places(play, answer, refused)))


def places(play: Play, answer: str, refused: str) -> tuple[Place, ...]:
    """Commands and files, in the order in which a person would go."""
    body = "'{\"customer_id\": 17}'"
    return (
        Place(what=f"cd {play.folder}", code="demo.place-folder"),
        Place(what="tidemill status", code="demo.place-status"),
        Place(what=f"tidemill why {answer}", code="demo.place-answer"),
        Place(what=f"tidemill why {refused}", code="demo.place-refused"),
        Place(what="tidemill up", code="demo.place-up"),
        Place(what=f"curl -s localhost:{play.port}/recommend -d {body}", code="demo.place-curl"),
        Place(what="system.py shop.db alerts.jsonl logs/ .tidemill/", code="demo.place-files"),
    )

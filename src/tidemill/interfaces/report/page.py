"""One self-contained HTML page: a verdict, then sections; it works offline, prints, and follows light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from tidemill.tell import draw
from tidemill.tell.draw.icon import State, icon
from tidemill.tell.draw.wheel import logo

KOREAN = "ko"


class Markup(str):
    """Text that is markup already: a mark, a filled template, a style sheet. What they show was escaped in them."""

    __slots__ = ()

    def __html__(self) -> str:
        """Templates show it as it is."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is the case, as state and sentence; `why`: what it rests on."""

    state: State
    sentence: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A panel: its title, a word beside it, and its content as markup."""

    title: str
    body: Markup
    note: str = ""
    wide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One count under the title."""

    value: str
    text: str


def page(
    title: str,
    verdict: Verdict,
    sections: Sequence[Section],
    *,
    lead: str = "",
    crumbs: Sequence[str] = (),
    tallies: Sequence[Tally] = (),
    foot: Sequence[str] = (),
    language: str = "en",
) -> str:
    """The page as one HTML text. Nothing in it is loaded from anywhere; all texts are escaped."""
    return rendered(
        "page.html.j2",
        title=title, verdict=verdict, sections=sections, lead=lead, crumbs=crumbs, tallies=tallies,
        foot=(*foot, f"Tidemill {version('tidemill')}"), language=language, css=Markup(draw.css() + page_css()),
        hatch=Markup(draw.hatch()), logo=Markup(logo()), icon=lambda state: Markup(icon(state)),
    )  # fmt: skip


def rendered(template: str, /, **values: object) -> str:
    """A template of this package with its values; one that lacks a value raises."""
    return environment().get_template(template).render(**values)


def markup(template: str, /, **values: object) -> Markup:
    """The same as markup, to stand in another template."""
    return Markup(rendered(template, **values))


@cache
def environment() -> Environment:
    """The templates, escaping everything that is not markup."""
    return Environment(
        loader=PackageLoader("tidemill.interfaces.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def page_css() -> str:
    """The look of the page around the marks."""
    return files("tidemill.interfaces.report").joinpath("templates", "page.css").read_text(encoding="utf-8")

"""A profile to read: page, terminal, markdown. Whatever a table is called, nothing of it becomes markup."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from tidemill.facts.data import ColumnProfile, Finding, Profile, Relation, Share
from tidemill.interfaces.report.explore import explore_html
from tidemill.interfaces.report.explore_text import explore_markdown, explore_terminal
from tidemill.interfaces.report.finding import marked
from tidemill.interfaces.report.page import Markup, Section, Verdict, page, rendered

EVIL = "<script>alert(1)</script>\"'`& 카드"
VOID = {"meta", "br", "img", "link", "input", "rect", "line", "circle", "path", "polyline", "polygon"}


def leak(column: str, label: str = "lost") -> Finding:
    fields: dict[str, Any] = {
        "column": column, "label": label, "strength": 0.96, "bound": 0.85, "measure": "AUC", "blocks": 20, "rows": 9000,
        "models": ("risk",),
    }  # fmt: skip
    return Finding(code="finding.leak-suspect", subject=f"loans.{column}", importance=1.0, fields=fields)


def profile(*findings: Finding, name: str = "amount", **more: Any) -> Profile:
    columns = (
        ColumnProfile(
            name=name, type="float", rows=900, nulls=9, distinct=300, mean=5.0, std=1.0, quantiles=tuple(range(9)),
            edges=(1.0, 2.0, 3.0), counts=(1, 400, 480, 10),
        ),
        ColumnProfile(name="word", type="text", rows=900, nulls=0, distinct=2, top=((EVIL, 600), ("", 300))),
        ColumnProfile(
            name="at", type="timestamp", rows=900, nulls=0, distinct=900, edges=(0.0, 8e13), counts=(5, 890, 5)
        ),
        ColumnProfile(name="none", type="unknown", rows=900, nulls=900, distinct=0),
    )  # fmt: skip
    given: dict[str, Any] = {
        "system": "bank", "dataset": "loans", "number": 3, "manifest": "ab" * 32, "rows": 900, "put_aside": 2,
        "duplicates": 1, "first_us": 0, "last_us": 86_400_000_000, "columns": columns, "findings": findings, "at_us": 1,
    }  # fmt: skip
    return Profile(**given | more)


def relation(column: str, strength: float, label: str = "lost", yes_no: bool = True) -> Relation:
    shares = (
        Share(value="1 to 2", rows=600, mean=0.1),
        Share(value=EVIL, rows=290, mean=0.4),
        Share(value="null", rows=10, mean=0.9),
    )
    return Relation(
        label=label, column=column, strength=strength, yes_no=yes_no, bound=0.85 if yes_no else 0.95, rows=900,
        mean=0.2, shares=shares,
    )  # fmt: skip


class Balanced(HTMLParser):
    """Collects tags, texts, attributes and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def read(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    return parser


def test_the_page_stands_alone_and_asks_nobody_for_anything() -> None:
    html = explore_html(profile(leak("term")), time="at")
    parser = read(html)
    assert not parser.tags & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"(?:https?:)?//[a-z]", html)
    assert {name for name, _ in parser.attributes if name.startswith("on") or name in {"src", "href", "style"}} == set()
    assert "default-src 'none'" in html
    assert "prefers-color-scheme:dark" in html
    assert "@media print" in html


def test_the_verdict_comes_first_with_its_number_and_way_out() -> None:
    html = explore_html(profile(leak("term")), time="at")
    assert html.index("1 thing to look at first") < html.index("What stands out") < html.index("Column by column")
    assert "<code>term</code> knows too much about lost" in html
    assert "with AUC 0.960" in html
    assert "Find out when term gets its value." in html
    assert "Rows over time" in html


def test_how_columns_go_with_each_label_is_drawn_and_said() -> None:
    related = (relation("amount", 0.97), relation("word", 0.6), relation("amount", 0.4, label="late", yes_no=False))
    html = explore_html(profile(relations=related))
    read(html)
    assert (
        html.index("How columns go with lost") < html.index("How columns go with late") < html.index("Column by column")
    )
    assert html.count('class="bar bad"') == 1, "the one beyond the bound"
    assert "Dashed: 0.85, from which on a column knows too much." in html
    assert "lost by amount" in html
    assert "late by amount" in html
    assert "40\u202f% of 290" in html
    assert "Dotted: 20\u202f%, as in all rows." in html


def test_the_terminal_says_the_strongest_columns_with_their_ends() -> None:
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(explore_terminal(profile(relations=(relation("amount", 0.97), relation("word", 0.5)))))
    text = console.file.getvalue()  # type: ignore[attr-defined] # the console writes into a StringIO
    assert re.search(r"lost: 20.% of 900 known outcomes; AUC of each column alone", text)
    assert re.search(r"amount +0\.970 +█{12} +1 to 2: 10.%", text)
    assert "90\u202f%" not in text, "ten rows are no end"


def test_many_notes_of_one_kind_are_one_with_the_others_behind_it() -> None:
    alike = [
        Finding(
            code="finding.constant", subject=f"loans.c{i}", importance=0.3, fields={"column": f"c{i}", "value": "0"}
        )
        for i in range(6)
    ]
    other = Finding(code="finding.id-like", subject="loans.id", importance=0.1, fields={"column": "id", "rows": 9})
    html = explore_html(profile(*alike, other))
    assert "5 more columns alike" in html
    assert html.count("says 0 in every row") == 6
    assert html.count("Leave it out until it says something else.") == 1
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(explore_terminal(profile(*alike, other)))
    text = console.file.getvalue()  # type: ignore[attr-defined] # the console writes into a StringIO
    assert text.count("says 0 in every row") == 1
    assert "5 more columns alike" in text
    assert "5 more" not in explore_html(profile(*alike[:3], other))


def test_several_leaks_are_one_verdict() -> None:
    html = explore_html(profile(leak("term"), leak("status"), leak("later", label="other")))
    assert "2 columns know too much about lost: term, status." in html


def test_a_table_where_nothing_stands_out_says_so() -> None:
    html = explore_html(profile(columns=(), rows=0, first_us=None, last_us=None))
    assert "nothing stands out" in html
    assert "Rows over time" not in html
    read(html)


def test_hostile_names_stay_text() -> None:
    findings = (
        leak(EVIL, EVIL),
        Finding(
            code="finding.put-aside", subject="loans", importance=0.7,
            fields={"rows": 1, "of": 9, "reason": EVIL, "ids": (EVIL,)},
        ),
    )  # fmt: skip
    html = explore_html(profile(*findings, name=EVIL, dataset=EVIL, system=EVIL))
    assert "<script" not in html
    assert not read(html).tags & {"script"}
    assert html.count("&lt;script&gt;") > 5


def test_an_unworded_finding_is_still_shown() -> None:
    html = explore_html(profile(Finding(code="finding.unheard-of", subject="loans", importance=0.9, fields={"x": 1})))
    assert "finding.unheard-of" in html


def test_the_terminal_says_the_same_without_markup_of_its_own() -> None:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(explore_terminal(profile(leak("[red]term[/red]"))))
    text = console.file.getvalue()  # type: ignore[attr-defined] # the console writes into a StringIO
    assert "✖ [red]term[/red] knows too much about lost" in text
    assert "Find out when" in text
    assert re.search(r"amount +float +1.%", text)


def test_markdown_shows_names_as_they_are() -> None:
    text = explore_markdown(profile(leak("a_b*c")))
    assert text.startswith("### loans@v3: 1 thing to look at first\n")
    assert "- a\\_b\\*c knows too much" in text


@pytest.mark.parametrize(
    ("text", "column", "shown"),
    [
        ("y is y", "y", "<code>y</code> is y"),
        ("many things", "y", "many things"),
        ("say `a < b`", "", "say <code>a &lt; b</code>"),
        ("a<b is odd", "a<b", "<code>a&lt;b</code> is odd"),
    ],
)
def test_the_first_mention_of_the_column_is_in_the_face_of_code(text: str, column: str, shown: str) -> None:
    assert str(marked(text, column)) == shown


def test_a_template_that_lacks_a_value_raises() -> None:
    with pytest.raises(Exception, match="undefined"):
        rendered("page.html.j2", title="x")


def test_any_page_has_verdict_sections_and_foot() -> None:
    html = page(
        "Title", Verdict(state="ok", sentence="All is well.", why="Because."),
        [Section(title="One", body=Markup("<p>a</p>")), Section(title="Two", body=Markup(""), wide=False)],
        foot=("foot",),
    )  # fmt: skip
    assert read(html).tags >= {"main", "section", "footer", "h1", "h2"}
    assert html.index("All is well.") < html.index(">One<") < html.index("<footer>")

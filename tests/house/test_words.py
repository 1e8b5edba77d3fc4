"""Every code that the product knows has words, the words get their fields, and docs/errors.md shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

from docs.errors_page import PAGE, page
from tests.house.source import File, product
from tidemill import errors
from tidemill.spec.parse import parse
from tidemill.tell import words
from tidemill.tell.words import FAMILIES, codes
from tidemill.tell.words.template import fill, names

MAKERS = {
    **{
        kind.__name__: kind.family
        for kind in vars(errors).values()
        if isinstance(kind, type) and hasattr(kind, "family")
    },
    "flaw": "declaration",
}
"""Functions and classes whose first argument is the name of a code in that family."""

CODE = re.compile(rf"(?:{'|'.join(FAMILIES)})\.[a-z0-9]+(?:-[a-z0-9]+)+|(?:finding|verdict|event)\.[a-z0-9]+")
"""A whole code; a single word after an error's family is rather the name of a file (`model.json`)."""

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def made(file: File) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Where, which code, and with which fields (None: not to be seen from here) the file makes errors and flaws."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name, maker = node.args[0].value, ast.unparse(node.func).rpartition(".")[2]
            if maker in MAKERS and isinstance(name, str):
                given = [keyword.arg for keyword in node.keywords]
                fields = None if None in given else frozenset(filter(None, given))
                yield f"{file.name}:{node.lineno}", f"{MAKERS[maker]}.{name}", fields


def written(file: File) -> Iterator[tuple[str, str]]:
    """Where and which whole code stands in the file as text."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield f"{file.name}:{node.lineno}", node.value


def speakers() -> list[File]:
    """The product without the words themselves."""
    return [file for file in product() if not file.name.startswith("tell/words/")]


def known() -> dict[str, tuple[str, str]]:
    return {code: said for family in FAMILIES for code, said in codes(family).items()}


def test_every_code_has_words() -> None:
    used = [(where, code) for file in speakers() for where, code, _ in made(file)]
    used += [(where, code) for file in speakers() for where, code in written(file)]
    assert sorted({f"{where} {code}" for where, code in used if code not in known()}) == []


def test_what_a_finding_proposes_as_code_is_read_by_the_dialect() -> None:
    of_queries = {"random()", "now()", "select *"}
    unread = []
    for code, (_, way) in codes("finding").items():
        for text in re.findall(r"`([^`]+)`", way):
            if text in of_queries or text.startswith(("tidemill ", "tm.", "--")):
                continue
            filled = re.sub(r"{(mend|mend_some|column:name|days)}", "x", text)
            try:
                parse(filled)
            except errors.ExpressionError as error:
                unread.append(f"{code}: {text} ({error})")
    assert unread == []


def test_every_field_that_the_words_need_is_given() -> None:
    lacking = []
    for file in speakers():
        for where, code, fields in made(file):
            needed = names("".join(known().get(code, ("", ""))))[0]
            if fields is not None and needed - fields:
                lacking.append(f"{where} {code} lacks {sorted(needed - fields)}")
    assert lacking == []


def test_no_words_are_left_over() -> None:
    said = "\n".join(file.text for file in speakers())
    assert [code for code in known() if f'"{code.partition(".")[2]}"' not in said and f'"{code}"' not in said] == []


def test_words_stand_in_their_familys_file_under_a_kebab_name() -> None:
    for language in ("en", "ko"):
        package = import_module(f"tidemill.tell.words.{language}")
        for module in iter_modules(package.__path__):
            assert module.name in FAMILIES
            for code in codes(module.name, language):
                family, _, name = code.partition(".")
                assert family == module.name
                assert KEBAB.fullmatch(name), code


def test_every_template_can_be_filled() -> None:
    assert [code for code, said in known().items() for part in said if not fillable(part)] == []


def fillable(template: str) -> bool:
    """Its fields, all of them 1, which every format can show, fill the template."""
    return fill(template, dict.fromkeys(frozenset.union(*names(template)), 1)) is not None


def test_an_error_says_what_to_do() -> None:
    families = FAMILIES[: FAMILIES.index("finding")]
    assert [code for family in families for code, (_, way_out) in codes(family).items() if not way_out] == []


def test_english_has_every_code_that_korean_has() -> None:
    assert {code for family in FAMILIES for code in codes(family, "ko")} <= set(known())


def test_the_page_of_errors_shows_these_words() -> None:
    stale = PAGE.read_text(encoding="utf-8") != page()
    assert not stale, "docs/errors.md is older than the words: make words"


def test_the_families_of_words_are_those_of_the_errors() -> None:
    assert {kind.family for kind in errors.TidemillError.__subclasses__()} == set(
        words.FAMILIES[: words.FAMILIES.index("finding")]
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('raise DataError("column-missing", column=x)', [("x.py:1", "data.column-missing", frozenset({"column"}))]),
        ('raise errors.DataError("column-missing", **fields)', [("x.py:1", "data.column-missing", None)]),
        ('flaw("share-outside", share=2)', [("x.py:1", "declaration.share-outside", frozenset({"share"}))]),
        ('ValueError("column-missing")', []),
    ],
)
def test_sees_the_codes_that_a_file_makes(text: str, found: list[tuple[str, str, frozenset[str] | None]]) -> None:
    assert list(made(File(name="x.py", text=text, tree=ast.parse(text)))) == found

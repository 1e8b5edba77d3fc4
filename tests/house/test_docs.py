"""The pages are true: links lead somewhere, commands exist and are described, both READMEs say the same."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest

from tests.needs import ROOT

PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")})
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)", re.DOTALL)
COMMANDS = find_spec("tidemill.interfaces.cli.main") is not None


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """The commands of a page's code blocks, without their comments."""
    lines = [line.split("#")[0].strip() for block in FENCE.findall(text) for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    local = [
        target.partition("#")[0]
        for target in targets
        if "://" not in target and not target.startswith(("#", "mailto:"))
    ]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_two_commands_stand_at_the_top(name: str) -> None:
    assert commands(read(name))[:2] == ["make demo", "make test"]
    assert FENCE.search(read(name)).start() < 60  # type: ignore[union-attr]  # the line above found one


def test_both_readmes_say_the_same() -> None:
    english, korean = read("README.md"), read("README.ko.md")
    assert commands(english) == commands(korean)
    assert LINK.findall(english) == LINK.findall(korean)
    assert shape(english) == shape(korean)


def shape(text: str) -> list[str]:
    """The marks that begin the lines of a page, runs of equal ones as long as they are for tables and lists."""
    marks = [re.match(r"#+|\||-|```|", line) for line in FENCE.sub("```", text).splitlines()]
    return [mark[0] for mark in marks if mark and mark[0]]


@pytest.mark.parametrize("name", ["README.md", "docs/adr/0001-layout-and-contracts.md", "bench/README.md"])
def test_every_make_target_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)(?=[`\n ]+[#`\n])", read(name))) <= targets


@pytest.mark.skipif(not COMMANDS, reason="no command line yet")
def test_every_command_is_described() -> None:
    run = subprocess.run([sys.executable, "-m", "tidemill", "--help"], capture_output=True, text=True, check=True)
    listed = takewhile(str.strip, run.stdout.partition("Commands:\n")[2].splitlines())
    offered = {line.split()[0] for line in listed if line.startswith("  ") and not line.startswith("   ")}
    described = set(re.findall(r"`tidemill ([a-z]+)", read("docs/commands.md")))
    assert offered == described


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in read("CHANGELOG.md")

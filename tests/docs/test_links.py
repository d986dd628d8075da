"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

from tests.docs.fences import ROOT

PAGES = [
    page
    for page in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
]
PACKAGES = "market|alerts|storage|backtest|daemon|tests|bench|docs|deploy"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(rf"`((?:{PACKAGES})/[\w./-]*)`")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, dashes for spaces, no punctuation."""
    headings = _HEADING.findall(_prose(page))
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_there_are_pages() -> None:
    names = {_name(page) for page in PAGES}

    assert {"README.md", "CHANGELOG.md", "docs/operations.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    dead = []
    for link in _LINK.findall(_prose(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place) if place else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = _FILE.findall(_prose(page))

    assert [name for name in named if not (ROOT / name).exists()] == []

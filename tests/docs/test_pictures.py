"""The picture of the README is drawn from a run, and stands by itself."""

import re
from xml.etree import ElementTree as ET

from docs.pictures.terminal import draw, last_full_screen, redraws
from tests.docs.fences import ROOT

PICTURE = (ROOT / "docs/pictures/demo.svg").read_text(encoding="utf-8")
REDRAW = "\r\x1b[2K"


def test_the_picture_asks_no_other_host_for_anything() -> None:
    assert re.findall(r"url\((?!#)|href|<image|<script", PICTURE) == []
    assert "@font-face" not in PICTURE
    assert "@import" not in PICTURE


def test_the_picture_is_small_and_shows_alerts() -> None:
    text = "".join(ET.fromstring(PICTURE).itertext())

    assert len(PICTURE) < 64_000
    assert "BNB/USD\xa0entered\xa0bnb-640\xa0from\xa0above" in text


def test_output_is_cut_where_the_progress_line_is_drawn_anew() -> None:
    output = [
        "hello\r\nat 1",
        f"{REDRAW}at 2{REDRAW[:3]}",
        f"{REDRAW[3:]}alert\r\nat 2",
    ]

    assert list(redraws(output)) == ["hello\r\nat 1", "at 2"]


def test_the_screen_is_the_last_one_that_holds_everything() -> None:
    stretches = [
        "hello\r\n\x1b[?25lat 1",
        "alert\r\n\r\nat 1",
        "at 2",
        "b\r\nc\r\nat 2",
    ]

    screen = last_full_screen(stretches, rows=4)

    assert screen == ["hello", "alert", "", "at 2"]


def test_a_screen_is_drawn_with_its_colours() -> None:
    svg = draw(["\x1b[1mbold\x1b[0m and plain"], title="make demo")

    assert "make&#160;demo" in svg or "make demo" in svg
    assert "font-weight: bold" in svg
    assert "and&#160;plain" in svg

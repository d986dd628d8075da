"""The line of every key, in every way that TOML can be written."""

import tomllib
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.lines import KeyPath, find_lines

SPREAD = dedent("""\
    # a comment = 1
    [storage]
    url = "x"                       # [not.a.table]

    [levels.a]
    b.c = 1
    when = { kind = "cross", level = { price = 1 } }
    to = [
      "one", # ]
      "two",
    ]
    note = '''
    [not.a.table]
    key = 1'''
    after = 2
    [[rules]]
    id = "first"
    [levels . "b.c"]
    kind = 'q"'
    [[rules]]
    id = "second"
    [rules.when]
    kind = "zone"
    [[rules.parts]]
    n = 1
    [[rules.parts]]
    n = 2
    """)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("storage",), 2),
        (("storage", "url"), 3),
        (("levels",), 5),
        (("levels", "a"), 5),
        (("levels", "a", "b"), 6),
        (("levels", "a", "b", "c"), 6),
        (("levels", "a", "when", "kind"), 7),
        (("levels", "a", "when", "level", "price"), 7),
        (("levels", "a", "to"), 8),
        (("levels", "a", "to", 0), 9),
        (("levels", "a", "to", 1), 10),
        (("levels", "a", "note"), 12),
        (("levels", "a", "after"), 15),
        (("rules",), 16),
        (("rules", 0), 16),
        (("rules", 0, "id"), 17),
        (("levels", "b.c"), 18),
        (("levels", "b.c", "kind"), 19),
        (("rules", 1), 20),
        (("rules", 1, "id"), 21),
        (("rules", 1, "when", "kind"), 23),
        (("rules", 1, "parts", 0, "n"), 25),
        (("rules", 1, "parts", 1, "n"), 27),
    ],
)
def test_a_key_has_the_line_it_is_written_on(path: KeyPath, line: int) -> None:
    assert find_lines(SPREAD)[path] == line


def test_windows_line_ends_count_once() -> None:
    lines = find_lines('a = 1\r\n\r\nb = """\r\nx"""\r\nc = 3\r\n')

    assert lines == {("a",): 1, ("b",): 3, ("c",): 5}


@pytest.mark.parametrize(
    "text",
    [
        'a = """x\\""" y"""\nb = 1',
        'a = """"quoted""""\nb = 1',
        "a = '''it''s'''\nb = 1",
        'a = "\\\\"\nb = 1',
        "a = 1979-05-27 07:32:00Z\nb = 1",
        "a = [[1, 2], [{ x = ']' }]]\nb = 1",
        "a = 1_000 # b = 0\nb = 1",
        "a = {}\nb = 1",
    ],
)
def test_no_value_hides_the_next_key(text: str) -> None:
    assert tomllib.loads(text)["b"] == 1
    assert find_lines(text)["b",] == 2


def test_a_text_that_is_no_toml_has_no_lines() -> None:
    assert find_lines("these are words") == {}


KEY = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "Zs", "P"]), max_size=6
)


@given(st.lists(st.tuples(KEY, st.integers()), unique_by=lambda item: item[0]))
def test_every_quoted_key_is_found_on_its_own_line(
    items: list[tuple[str, int]],
) -> None:
    escaped = [(key.replace("\\", "\\\\").replace('"', '\\"'), n) for key, n in items]
    text = "\n".join(f'"{key}" = {n}' for key, n in escaped)
    tomllib.loads(text)

    assert find_lines(text) == {(key,): n + 1 for n, (key, _) in enumerate(items)}

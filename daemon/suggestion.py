"""What the user may have meant: near names, else all of them."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 16
"""More names than this are not listed: nobody reads them in a terminal."""


def suggest(found: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word; empty where nothing helps.

    ``did you mean "cross"?`` or ``expected one of "above", "cross", "zone"``.
    """
    names = list(dict.fromkeys(known))
    near = _near(found, names)
    if near:
        return f'did you mean "{near}"?'
    if not names or len(names) > _LISTED:
        return ""
    if len(names) == 1:
        return f'expected "{names[0]}"'
    return "expected one of " + ", ".join(f'"{name}"' for name in names)


def with_hint(sentence: str, found: str, known: Iterable[str]) -> str:
    """The sentence, followed by the suggestion where there is one."""
    hint = suggest(found, known)
    return f"{sentence}; {hint}" if hint else sentence


def _near(found: str, names: list[str]) -> str | None:
    # Names far longer than a word are not typing slips, and difflib is quadratic.
    if len(found) > 80:  # noqa: PLR2004
        return None
    folded = {name.casefold(): name for name in reversed(names)}
    near = get_close_matches(found.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None

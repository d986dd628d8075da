"""Puts the values of "secret:NAME" where they are needed, and remembers them."""

from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from daemon.config.errors import Findings
from daemon.config.lines import KeyPath
from daemon.config.values import is_sensitive, walk
from daemon.secrets import PREFIX, SecretMissing, SecretStore

SECTIONS = frozenset({"storage", "sources", "receivers", "operator"})
"""Elsewhere "secret:…" is only text: a rule's note is sent to people."""

_SHORTEST = 4
"""Characters; to hide a shorter string would tear holes into every log line."""


def resolve_secrets(
    data: dict[str, object], store: SecretStore, findings: Findings
) -> tuple[dict[str, object], frozenset[str]]:
    """A copy with references replaced, and every string that must stay secret.

    Those are the values found, what stands openly under a key such as `token`, and
    passwords inside addresses. A secret that cannot be had is noted at its key.
    """
    secrets: set[str] = set()

    def resolve(value: object, path: KeyPath) -> object:
        if isinstance(value, dict):
            return {key: resolve(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [resolve(inner, (*path, n)) for n, inner in enumerate(value)]
        if isinstance(value, str) and _is_reference(value):
            return look_up(value, path)
        return value

    def look_up(reference: str, path: KeyPath) -> str:
        try:
            value = store.get(reference.removeprefix(PREFIX))
        except SecretMissing as exc:
            findings.add(path, str(exc))
            return reference
        secrets.add(value)
        return value

    resolved = {
        key: resolve(value, (key,)) if key in SECTIONS else value
        for key, value in data.items()
    }
    for path, value in walk({key: resolved.get(key) for key in SECTIONS}):
        if isinstance(value, str) and is_sensitive(path):
            secrets.update(_inside(path, value))
            findings.hide([value])
    kept = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST)
    findings.hide(kept)
    return resolved, kept


def omit_secrets(
    data: dict[str, object], sections: Collection[str]
) -> dict[str, object]:
    """A copy that refers to no secret in these sections: for a command without use.

    A receiver that needs one becomes a console, so that rules may still name it;
    elsewhere the key is left out and its default stands.
    """
    copy = dict(data)
    for section in sections:
        table = data.get(section)
        if isinstance(table, dict):
            copy[section] = {
                key: _CONSOLE if section == "receivers" and _refers(value) else kept
                for key, value in table.items()
                if (kept := _without_references(value)) is not None
            }
    return copy


_CONSOLE = {"kind": "console"}


def _refers(value: object) -> bool:
    return any(_is_reference(inner) for _, inner in walk(value))


def _without_references(value: object) -> object:
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if not _refers(inner)}
    return None if _refers(value) else value


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith(PREFIX)


def _inside(path: KeyPath, value: str) -> set[str]:
    """What is secret of a value under a sensitive key."""
    if value.startswith(PREFIX):
        return set()
    if "://" not in value:
        return {value}
    try:
        password = urlsplit(value).password
    except ValueError:
        return {value}
    parts = {password, unquote(password)} if password else set()
    return parts | ({value} if path[-1] == "ping" else set())

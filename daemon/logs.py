"""Logging: one line per outcome, for a person, for journald or for a machine.

A caller writes a sentence and, in ``extra``, a stable ``action`` and the ids::

    log.info("told phone about bnb-lost", extra={"action": "sent", "rule": "bnb-lost"})

Every line leaves through one formatter that hides secrets and cannot be broken into
two. Never decides what is worth a line.
"""

import json
import logging
import math
import os
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import TextIO

from daemon.redaction import Redactor

QUIET_LOGGERS = (
    "aiohttp",
    "aiosmtplib",
    "alembic",
    "apscheduler",
    "ccxt",
    "httpcore",
    "httpx",
    "sqlalchemy",
    "urllib3",
)
"""Never below WARNING: at INFO httpx prints URLs with Telegram's token, at DEBUG
others print headers, SQL parameters, or a line for each poll."""

_PRIORITIES = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)
"""Syslog's numbers, sd-daemon(3); everything below INFO is 7, debug."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has; the rest came in ``extra``."""


class LogForm(StrEnum):
    """How a line looks."""

    TEXT = "text"
    """Time, level, sentence, fields: for a terminal or a file."""
    JOURNAL = "journal"
    """journald's ``<priority>`` instead of time and level, which it keeps itself."""
    JSON = "json"
    """One object per line."""


def log_form(stream: TextIO, environ: Mapping[str, str]) -> LogForm:
    """JOURNAL where a stream goes to journald, else TEXT.

    ``JOURNAL_STREAM`` alone is not enough: a child whose output was redirected
    inherits it, so it is compared with the device and inode of the stream.
    """
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return LogForm.TEXT
    here = f"{status.st_dev}:{status.st_ino}"
    return LogForm.JOURNAL if environ.get("JOURNAL_STREAM") == here else LogForm.TEXT


def configure_logging(
    *,
    stream: TextIO,
    redactor: Redactor,
    form: LogForm = LogForm.TEXT,
    level: int = logging.INFO,
    root: logging.Logger | None = None,
) -> logging.Handler:
    """Send every line of a logger and its children to one stream.

    Args:
        stream: usually stderr; it is not closed.
        redactor: shared with whoever reads secrets and registers them there.
        form: see `log_form`.
        level: our own level; libraries stay at WARNING or above.
        root: the logger to set up; None for the root of all.

    Returns:
        The handler, now the only one of ``root``.
    """
    root = root or logging.getLogger()
    handler = _LineHandler(stream)
    handler.setFormatter(LineFormatter(form, redactor))
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    return handler


def install_hooks(log: logging.Logger) -> None:
    """Log what Python would print raw: an uncaught error's text may hold a secret."""

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        extra = {"action": "crashed"}
        log.critical("uncaught error", exc_info=(kind, error, trace), extra=extra)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        error = args.exc_value or args.exc_type()
        uncaught(args.exc_type, error, args.exc_traceback)

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        error = args.exc_value or args.exc_type()
        uncaught(args.exc_type, error, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    logging.captureWarnings(capture=True)


class LineFormatter(logging.Formatter):
    """A record as one line of text, or as an indented block where it has a traceback.

    Redaction happens here and not in a filter because only here everything that
    will be written exists: message, fields, traceback.
    """

    def __init__(self, form: LogForm, redactor: Redactor) -> None:
        super().__init__()
        self._form = form
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        message = self._redactor.redact(_message(record))
        fields = _fields(record, self._redactor)
        trace = self._redactor.redact(_trace(record))
        if self._form is LogForm.JSON:
            return _json_line(record, message, fields, trace)
        words = [_escaped(message), *(f"{key}={_word(fields[key])}" for key in fields)]
        # A traceback keeps its lines, but none of them can pass for a new record.
        trace_lines = [f"    {_escaped(line)}" for line in trace.splitlines()]
        lines = [self._head(record) + " ".join(words), *trace_lines]
        if self._form is LogForm.JOURNAL:
            prefix = f"<{_priority(record.levelno)}>"
            lines = [prefix + line for line in lines]
        return "\n".join(lines)

    def _head(self, record: logging.LogRecord) -> str:
        if self._form is LogForm.JOURNAL:
            return ""
        return f"{_instant(record)} {record.levelname:<8} "


class _LineHandler(logging.StreamHandler[TextIO]):
    """A stream handler that does not talk about its own troubles.

    The standard one prints the record with its arguments, unredacted, when the
    stream is broken or an argument cannot be rendered.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        """Drop the record; there is no other place to say so."""


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} (its arguments do not fit: {record.args!r})"


def _fields(record: logging.LogRecord, redactor: Redactor) -> dict[str, object]:
    """What came in ``extra``, ``action`` first; numbers stay numbers."""
    given = {k: v for k, v in vars(record).items() if k not in _STANDARD}
    ordered = {k: given[k] for k in sorted(given, key=lambda key: key != "action")}
    return {key: _plain(value, redactor) for key, value in ordered.items()}


def _plain(value: object, redactor: Redactor) -> object:
    """A value that cannot hold a secret and that JSON understands."""
    text = redactor.redact(str(value))
    is_number = isinstance(value, bool | int | float) and math.isfinite(value)
    plain = value is None or is_number
    # A chat's id is a number, and a secret.
    return value if plain and text == str(value) else text


def _trace(record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info and record.exc_info[1] is not None:
        parts.append("".join(traceback.format_exception(record.exc_info[1])))
    elif record.exc_text:
        parts.append(record.exc_text)
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)


def _json_line(
    record: logging.LogRecord, message: str, fields: Mapping[str, object], trace: str
) -> str:
    own: dict[str, object] = {
        "time": _instant(record),
        "severity": record.levelname.lower(),
        "logger": record.name,
        "message": message,
    }
    if trace:
        own["traceback"] = trace
    # A field of the same name is kept beside ours: severity_ and so on.
    given = {f"{key}_" if key in own else key: fields[key] for key in fields}
    return json.dumps(own | given)


def _instant(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _priority(levelno: int) -> int:
    for level, priority in _PRIORITIES:
        if levelno >= level:
            return priority
    return 7


def _word(value: object) -> str:
    """A field's value as one word, quoted where it would not be one."""
    text = str(value)
    if text and not re.search(r"[\s\"'=\\]", text) and text.isprintable():
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _escaped(text: str) -> str:
    """Line breaks and control signs spelled out: a text cannot forge a line."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )

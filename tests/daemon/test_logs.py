"""Lines that a person, journald and a machine can rely on."""

import io
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.logs import (
    QUIET_LOGGERS,
    LineFormatter,
    LogForm,
    configure_logging,
    log_form,
)
from daemon.redaction import Redactor

SECRET = "canary-0451"


def record(
    message: str,
    *args: object,
    level: int = logging.INFO,
    error: BaseException | None = None,
    **extra: object,
) -> logging.LogRecord:
    """A record of 2025-05-17 01:05:00.250 UTC."""
    made = logging.makeLogRecord(
        {
            "name": "daemon.deliver",
            "msg": message,
            "args": args,
            "levelno": level,
            "levelname": logging.getLevelName(level),
            "created": 1747443900.25,
            "exc_info": error and (type(error), error, error.__traceback__),
        }
    )
    vars(made).update(extra)
    return made


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def line(form: LogForm, made: logging.LogRecord) -> str:
    return LineFormatter(form, Redactor([SECRET])).format(made)


def test_text_has_time_level_sentence_and_fields_with_action_first() -> None:
    made = record("told %s", "phone", rule="bnb-lost", action="sent", price=638.1)

    assert line(LogForm.TEXT, made) == (
        "2025-05-17T01:05:00.250Z INFO     "
        "told phone action=sent rule=bnb-lost price=638.1"
    )


@pytest.mark.parametrize(
    ("level", "prefix"),
    [
        (logging.DEBUG, "<7>"),
        (logging.INFO, "<6>"),
        (logging.WARNING, "<4>"),
        (logging.ERROR, "<3>"),
        (logging.CRITICAL, "<2>"),
    ],
)
def test_journald_reads_the_priority_from_the_prefix(level: int, prefix: str) -> None:
    made = record("up", level=level, action="start")

    assert line(LogForm.JOURNAL, made) == f"{prefix}up action=start"


def test_json_is_one_object_with_numbers_as_numbers() -> None:
    made = record("told", action="sent", price=638.1, late=False, rule="bnb-lost")

    assert json.loads(line(LogForm.JSON, made)) == {
        "time": "2025-05-17T01:05:00.250Z",
        "severity": "info",
        "logger": "daemon.deliver",
        "message": "told",
        "action": "sent",
        "price": 638.1,
        "late": False,
        "rule": "bnb-lost",
    }


def test_json_keeps_a_field_that_is_named_like_one_of_ours() -> None:
    told = json.loads(line(LogForm.JSON, record("told", severity="high")))

    assert (told["severity"], told["severity_"]) == ("info", "high")


def test_json_stays_json_with_a_price_that_is_no_number() -> None:
    assert json.loads(line(LogForm.JSON, record("x", price=float("nan"))))["price"] == (
        "nan"
    )


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("two words", '"two words"'),
        ("", '""'),
        ("a=b", '"a=b"'),
        ('say "x"', '"say \\"x\\""'),
        ("a\nb", '"a\\nb"'),
        (None, "None"),
    ],
)
def test_a_field_is_one_word(value: object, word: str) -> None:
    assert line(LogForm.JOURNAL, record("x", note=value)) == f"<6>x note={word}"


FORGED = "quiet\r\n<2>2025-05-17T01:05:00.250Z CRITICAL all is lost\x1b[2J\u2028\x85"


@pytest.mark.parametrize("form", list(LogForm))
def test_a_message_cannot_forge_a_second_line(form: LogForm) -> None:
    text = line(form, record("heard: %s", FORGED, note=FORGED))

    assert len(text.splitlines()) == 1
    assert text.isprintable()


@pytest.mark.parametrize("form", [LogForm.TEXT, LogForm.JOURNAL])
def test_the_lines_of_a_traceback_cannot_pass_for_records(form: LogForm) -> None:
    made = record("poll failed", error=raised(ValueError(FORGED)), level=logging.ERROR)

    head, *rest = line(form, made).splitlines()

    assert "poll failed" in head
    assert len(rest) >= 3
    prefix = "<3>    " if form is LogForm.JOURNAL else "    "
    assert all(each.startswith(prefix) and each.isprintable() for each in rest)


@pytest.mark.parametrize("form", list(LogForm))
def test_no_part_of_a_record_shows_a_secret(form: LogForm) -> None:
    error = RuntimeError(f"refused {SECRET}")
    error.__cause__ = raised(KeyError(SECRET))
    made = record(
        f"with {SECRET} and %s",
        SECRET,
        error=raised(error),
        url=f"http://127.0.0.1/{SECRET}",
        stack_info=f"Stack: {SECRET}",
    )

    text = line(form, made)

    assert SECRET not in text
    assert text.count("[secret]") >= 6


def test_a_number_that_is_a_secret_is_hidden_too() -> None:
    made = record("told", chat=-1001234567)
    text = LineFormatter(LogForm.JSON, Redactor(["-1001234567"])).format(made)

    assert json.loads(text)["chat"] == "[secret]"


def test_a_traceback_that_another_formatter_kept_is_redacted_as_well() -> None:
    assert SECRET not in line(LogForm.TEXT, record("x", exc_text=f"E: {SECRET}"))


def test_arguments_that_do_not_fit_are_shown_redacted_instead_of_lost() -> None:
    text = line(LogForm.JOURNAL, record("%d of %d", SECRET))

    assert text == "<6>%d of %d (its arguments do not fit: ('[secret]',))"


@pytest.fixture
def quiet_restored() -> Iterator[None]:
    before = {name: logging.getLogger(name).level for name in QUIET_LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("quiet_restored")
def test_libraries_stay_at_warning_even_when_we_debug() -> None:
    root = logging.Logger("private")
    configure_logging(
        stream=io.StringIO(), redactor=Redactor(), level=logging.DEBUG, root=root
    )

    assert root.level == logging.DEBUG
    for name in ("httpx", "httpcore.http11", "aiohttp.client", "ccxt.base.exchange"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
        assert logging.getLogger(name).isEnabledFor(logging.WARNING)


@pytest.mark.usefixtures("quiet_restored")
def test_a_line_is_written_once_however_often_logging_is_configured() -> None:
    root, stream = logging.Logger("private"), io.StringIO()
    for _ in range(2):
        configure_logging(stream=stream, redactor=Redactor(), root=root)

    root.info("up")
    root.debug("not asked for")

    assert re.fullmatch(r"\S+Z INFO     up\n", stream.getvalue())


@pytest.mark.usefixtures("quiet_restored")
def test_a_secret_learned_later_is_hidden_from_then_on() -> None:
    root, stream, redactor = logging.Logger("private"), io.StringIO(), Redactor()
    configure_logging(stream=stream, redactor=redactor, root=root)
    redactor.register(SECRET)

    root.warning("now %s", SECRET)

    assert SECRET not in stream.getvalue()


@pytest.mark.usefixtures("quiet_restored")
def test_a_broken_stream_neither_raises_nor_prints_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root, stream = logging.Logger("private"), io.StringIO()
    configure_logging(stream=stream, redactor=Redactor(), root=root)
    stream.close()

    root.error("lost %s", SECRET)

    assert capsys.readouterr() == ("", "")


def test_the_journal_form_is_chosen_only_for_the_journals_own_stream(
    tmp_path: Path,
) -> None:
    with (tmp_path / "journal").open("w") as journal, (tmp_path / "f").open("w") as f:
        status = os.fstat(journal.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}

        assert log_form(journal, environ) is LogForm.JOURNAL
        assert log_form(f, environ) is LogForm.TEXT
        assert log_form(journal, {}) is LogForm.TEXT
        assert log_form(io.StringIO(), environ) is LogForm.TEXT

"""A mute has a target, an author, a beginning and an end."""

import pytest

from alerts.silence import Silence, SilenceKind
from storage.database import Database
from storage.errors import StorageUnusable
from storage.silences import (
    active_silences,
    add_silence,
    load_silences,
    remove_silences,
)
from tests.storage.samples import T0

HOUR = 3_600_000
NIGHT = Silence(
    kind=SilenceKind.RULE,
    target="bnb-lost",
    author="anna",
    note="asleep",
    created_at=T0,
    until=T0 + HOUR,
)
EVERYTHING = Silence(kind=SilenceKind.ALL, created_at=T0, until=T0 + 2 * HOUR)


def test_a_silence_is_in_force_from_its_beginning_until_just_before_its_end(
    database: Database,
) -> None:
    with database.transaction() as connection:
        kept = add_silence(connection, NIGHT)

        assert active_silences(connection, T0 - 1) == ()
        assert active_silences(connection, T0) == (kept,)
        assert active_silences(connection, T0 + HOUR - 1) == (kept,)
        assert active_silences(connection, T0 + HOUR) == ()


def test_removing_ends_exactly_this_target_and_tells_how_many(
    database: Database,
) -> None:
    with database.transaction() as connection:
        add_silence(connection, NIGHT)
        add_silence(connection, NIGHT)
        everything = add_silence(connection, EVERYTHING)
        removed = remove_silences(
            connection, SilenceKind.RULE, "bnb-lost", at=T0 + 1_000
        )
        again = remove_silences(connection, SilenceKind.RULE, "bnb-lost", at=T0 + 1_000)

        assert (removed, again) == (2, 0)
        assert active_silences(connection, T0 + 1_000) == (everything,)
        assert len(active_silences(connection, T0)) == 3  # it was silent then


def test_a_silence_that_has_not_begun_is_listed_and_can_be_removed(
    database: Database,
) -> None:
    with database.transaction() as connection:
        kept = add_silence(connection, NIGHT)
        assert load_silences(connection, T0 - HOUR) == (kept,)
        remove_silences(connection, SilenceKind.RULE, "bnb-lost", at=T0 - HOUR)

        assert active_silences(connection, T0) == ()


@pytest.mark.parametrize(
    ("kind", "target", "covered"),
    [
        (SilenceKind.RULE, "bnb-lost", True),
        (SilenceKind.RULE, "BNB/USD", False),
        (SilenceKind.INSTRUMENT, "BNB/USD", True),
        (SilenceKind.INSTRUMENT, "XMR/USD", False),
        (SilenceKind.ALL, "", True),
    ],
)
def test_a_silence_covers_its_target_only(
    kind: SilenceKind, target: str, *, covered: bool
) -> None:
    silence = Silence(kind=kind, target=target, created_at=T0, until=T0 + HOUR)

    assert silence.covers("bnb-lost", "BNB/USD", T0) is covered
    assert silence.covers("bnb-lost", "BNB/USD", T0 + HOUR) is False


def test_a_silence_of_everything_names_no_target(database: Database) -> None:
    wrong = Silence(kind=SilenceKind.ALL, target="x", created_at=T0, until=T0 + 1)

    with (
        pytest.raises(StorageUnusable, match="ck_silences_target_named"),
        database.transaction() as connection,
    ):
        add_silence(connection, wrong)

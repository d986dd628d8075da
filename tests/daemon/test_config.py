"""A configuration that is in order: what it holds, hides and defaults to."""

from pathlib import Path

import pytest

from alerts.channels.telegram import TelegramSpec
from alerts.conditions.state_kinds import AboveSpec
from alerts.levels.fixed import PriceSpec
from daemon.config import find_config
from daemon.errors import ConfigError
from market.instrument import Instrument, PriceBasis, Session
from tests.daemon.config_files import PRELUDE, TOKEN, load, problems

RULE = '[[rules]]\nid = "r"\ninstrument = "BNB/USD"\n'
ABOVE = RULE + "when = { kind = 'above', level = 640.0 }\n"
PHONE = '[receivers.phone]\nkind = "telegram"\ntoken = "secret:T"\nchat = "secret:C"\n'


def test_every_section_may_be_left_out_but_the_receivers(tmp_path: Path) -> None:
    config = load(tmp_path, "[receivers.screen]\nkind = 'console'\n")

    assert config.rules == ()
    assert config.display.zone.key == "UTC"
    assert config.storage.keep_ticks == 30 * 86_400_000


def test_a_rule_has_the_documented_defaults(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, PRELUDE + ABOVE).rules

    assert rule.severity == "normal"
    assert rule.cooldown == 300_000
    assert rule.frequency == "every"
    assert rule.expires is None
    assert rule.note == ""
    assert rule.enabled is True


def test_crypto_looks_at_the_last_price_and_fx_at_the_middle(tmp_path: Path) -> None:
    instruments = load(tmp_path, PRELUDE).build_instruments()

    assert instruments == {
        "BNB/USD": Instrument(
            name="BNB/USD",
            sources=("kraken",),
            session=Session.CRYPTO,
            price=PriceBasis.LAST,
            stale_after=60_000,
        ),
        "EUR/USD": Instrument(
            name="EUR/USD",
            sources=("kraken",),
            session=Session.FX,
            price=PriceBasis.MID,
            stale_after=60_000,
        ),
    }


def test_prices_keep_every_digit_they_were_written_with(tmp_path: Path) -> None:
    text = RULE + "when = { kind = 'above', level = 0.2180 }\n"
    (rule,) = load(tmp_path, PRELUDE + text).rules

    assert isinstance(rule.when, AboveSpec)
    assert isinstance(rule.when.level, PriceSpec)
    assert str(rule.when.level.price) == "0.2180"


def test_a_rule_that_names_nobody_is_told_to_all_receivers(tmp_path: Path) -> None:
    text = PRELUDE + '[receivers.second]\nkind = "console"\n' + ABOVE
    config = load(tmp_path, text)

    assert config.receivers_of(config.rules[0]) == ("screen", "second")
    assert config.operator_receivers == ("screen", "second")


def test_routing_and_the_rule_itself_narrow_that_down(tmp_path: Path) -> None:
    second = '[receivers.second]\nkind = "console"\n[routing]\ndefault = ["second"]\n'
    config = load(
        tmp_path,
        PRELUDE + second + ABOVE + 'to = ["screen"]\n' + ABOVE.replace('"r"', '"q"'),
    )

    assert config.receivers_of(config.rules[0]) == ("screen",)
    assert config.receivers_of(config.rules[1]) == ("second",)
    assert config.operator_receivers == ("second",)


def test_a_relative_database_lies_beside_the_configuration(tmp_path: Path) -> None:
    url = load(tmp_path, PRELUDE).storage.url.get_secret_value()

    assert url == f"sqlite:///{tmp_path}/levelwatch.db"


def test_or_in_the_state_directory_of_the_service(tmp_path: Path) -> None:
    environ = {"STATE_DIRECTORY": "/var/lib/levelwatch"}
    url = load(tmp_path, PRELUDE, environ).storage.url.get_secret_value()

    assert url == "sqlite:////var/lib/levelwatch/levelwatch.db"


@pytest.mark.parametrize(
    "url", ["sqlite:////srv/prices.db", "postgresql://me@host/levelwatch"]
)
def test_other_databases_stay_where_they_are(tmp_path: Path, url: str) -> None:
    config = load(tmp_path, f'[storage]\nurl = "{url}"\n{PRELUDE}')

    assert config.storage.url.get_secret_value() == url


def test_secrets_are_put_in_and_shown_nowhere(tmp_path: Path) -> None:
    config = load(tmp_path, PRELUDE + PHONE, {"T": TOKEN, "C": "424242"})

    phone = config.receivers["phone"]
    assert isinstance(phone, TelegramSpec)
    assert phone.token.get_secret_value() == TOKEN
    assert config.secrets == {TOKEN, "424242"}
    for shown in (repr(config), str(config), str(config.model_dump())):
        assert TOKEN not in shown
        assert "424242" not in shown


def test_a_secret_that_stands_in_the_file_is_still_kept_from_logs(
    tmp_path: Path,
) -> None:
    text = PHONE.replace("secret:T", TOKEN).replace("secret:C", "424242")
    url = "postgresql://me:p%40ss-word@host/db"
    config = load(tmp_path, f'[storage]\nurl = "{url}"\n' + PRELUDE + text)

    assert config.secrets == {TOKEN, "p%40ss-word", "p@ss-word"}
    assert "p%40ss-word" not in repr(config)


def test_a_missing_secret_names_the_key_and_where_it_was_sought(tmp_path: Path) -> None:
    assert problems(tmp_path, PRELUDE + PHONE, {"C": "424242"}) == [
        (
            "levelwatch.toml:18: receivers.phone.token: secret T not found; looked in "
            "$T_FILE, $T and .env"
        )
    ]


def test_an_env_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"T={TOKEN}\n")
    (tmp_path / ".env").chmod(0o644)

    assert problems(tmp_path, PRELUDE + PHONE, {"C": "424242"}) == [
        (
            "levelwatch.toml:18: receivers.phone.token: .env can be read by others; "
            "make it private: chmod 600 .env"
        )
    ]


def test_no_message_repeats_a_secret(tmp_path: Path) -> None:
    text = (
        '[storage]\nurl = "mysql://me:canary-1@host/db"\n'
        + PRELUDE
        + '[receivers.phone]\nkind = "telegram"\ntoken = "canary-2"\nchat = 5.5\n'
        + '[receivers.mail]\nkind = "email"\nhost = "secret:C3"\npassword = 4\n'
        + 'port = "secret:C3"\nfrom = "x@example.org"\nto = "secret:C3"\n'
        + '[receivers.hook]\nkind = "webhook"\nurl = "http://canary-4/"\n'
        + 'secret = "canary-5"\n'
        + '[operator]\nping = "canary-6"\nto = ["secret:C3"]\n'
        + '[rules]\ncanary = "secret:C3"\n'
    )
    found = problems(tmp_path, text, {"C3": "canary-3"})

    assert len(found) >= 8
    assert "canary-" not in "\n".join(found)


def test_a_note_is_text_even_if_it_looks_like_a_secret(tmp_path: Path) -> None:
    config = load(tmp_path, PRELUDE + ABOVE + 'note = "secret:T"\n', {"T": TOKEN})

    assert config.rules[0].note == "secret:T"


def test_the_same_file_gives_equal_configurations(tmp_path: Path) -> None:
    assert load(tmp_path, PRELUDE + ABOVE) == load(tmp_path, PRELUDE + ABOVE)


def test_the_named_file_is_used_even_if_it_does_not_exist(tmp_path: Path) -> None:
    assert find_config(tmp_path / "x.toml", {}) == tmp_path / "x.toml"


def test_the_users_own_configuration_comes_before_the_machines(tmp_path: Path) -> None:
    own = tmp_path / "levelwatch" / "levelwatch.toml"
    own.parent.mkdir()
    own.touch()

    assert find_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}) == own


def test_without_a_configuration_all_places_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(None, {"HOME": str(tmp_path)})

    assert str(caught.value) == (
        "levelwatch.toml: no configuration in levelwatch.toml, "
        f"{tmp_path}/.config/levelwatch/levelwatch.toml, "
        "/etc/levelwatch/levelwatch.toml; `levelwatch init` writes one"
    )

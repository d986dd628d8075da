"""The sections of levelwatch.toml, as models; their docstrings are the reference.

What a section means together with the others is checked in checks.py.
"""

import re
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    StrictBool,
    StringConstraints,
    field_validator,
)

from alerts.channels.spec import ReceiverSpec
from alerts.conditions.spec import ConditionSpec
from alerts.levels.level import LevelSpec
from alerts.notification import Severity
from alerts.rule import Rule, build_rule
from daemon.config.database import DEFAULT_URL
from daemon.config.kinds import CONDITIONS, LEVELS, RECEIVERS, SOURCES
from daemon.suggestion import with_hint
from market.feeds.source import SourceSpec
from market.fields import Duration, Instant, PositiveDuration, read_timeframe
from market.instant import DAY, MINUTE
from market.instrument import Instrument, PriceBasis, Session


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What the loader knows and the file does not say."""

    secrets: frozenset[str]


_DATABASE = re.compile(r"(sqlite|postgresql)(\+\w+)?://")

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
INSTRUMENT_PATTERN = r"^[A-Za-z0-9.-]+/[A-Za-z0-9.-]+(:[A-Za-z0-9.-]+)?$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=64)]
"""What the user calls a source, receiver, level or rule: it stands in messages,
logs and commands, and a dot would read as a level's edge."""

InstrumentName = Annotated[
    str, StringConstraints(pattern=INSTRUMENT_PATTERN, max_length=64)
]
"""Base and quote as ccxt writes them: BNB/USD."""


def _frequency(value: str) -> str:
    word, _, timeframe = value.partition(":")
    if word == "once_per_bar" and timeframe:
        read_timeframe(timeframe)
        return value
    if value in {"once", "every"}:
        return value
    known = ("once", "every", "once_per_bar:1h")
    raise ValueError(with_hint(f'"{value}" is not a frequency', value, known))


Frequency = Annotated[
    str,
    AfterValidator(_frequency),
    Field(json_schema_extra={"pattern": r"^(once|every|once_per_bar:\d+[mhdw])$"}),
]


class Section(BaseModel):
    """One table of the file: what it does not know is an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class StorageSection(Section):
    """Where prices, rule states and the outbox are kept."""

    url: SecretStr = SecretStr(DEFAULT_URL)
    """SQLite file or PostgreSQL database (`postgresql://user@host/levelwatch`). A
    relative SQLite path starts at `$STATE_DIRECTORY` (systemd), else at the folder of
    the configuration."""
    keep_ticks: Duration = 30 * DAY
    """Older ticks are deleted; triggers are kept."""

    @field_validator("url")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        if not _DATABASE.match(url.get_secret_value()):
            raise ValueError(
                "is no database; write sqlite:///levelwatch.db or "
                "postgresql://user@host/levelwatch"
            )
        return url


class InstrumentSection(Section):
    """What is watched, and where its price comes from."""

    sources: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Names of sources, in order of preference."""
    session: Session = Session.CRYPTO
    """`crypto` is always open with UTC days; `fx` has days and weeks of 17:00 New
    York."""
    price: PriceBasis | None = None
    """Which number of a quote is the price. Default: `last`; `mid` where the session
    is `fx`."""
    stale_after: PositiveDuration = MINUTE
    """A price older than this, in open-market time, is stale."""

    def build(self, name: str) -> Instrument:
        """The instrument of the core."""
        default = PriceBasis.MID if self.session is Session.FX else PriceBasis.LAST
        return Instrument(
            name=name,
            sources=self.sources,
            session=self.session,
            price=self.price or default,
            stale_after=self.stale_after,
        )


class RoutingSection(Section):
    """Who hears of a rule that names nobody."""

    default: tuple[Name, ...] = ()
    """Names of receivers. Default: all of them."""


class OperatorSection(Section):
    """Who hears that levelwatch itself is in trouble."""

    to: tuple[Name, ...] = ()
    """Names of receivers. Default: those of `routing.default`, without the one that
    is broken."""
    ping: SecretStr | None = None
    """Address that is called after completed polls: a dead man's switch elsewhere
    notices when it stops."""

    @field_validator("ping")
    @classmethod
    def _web_address(cls, ping: SecretStr | None) -> SecretStr | None:
        if ping and not ping.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("is no web address; it starts with https://")
        return ping


class DisplaySection(Section):
    """How messages look."""

    timezone: str = "UTC"
    """Zone of the times in messages (`Europe/Berlin`). UTC by default: a server's own
    zone says where the machine stands, not where you are. `init` proposes yours."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (OSError, ValueError, KeyError) as exc:
            wrong = f'"{timezone}" is not a time zone'
            raise ValueError(with_hint(wrong, timezone, available_timezones())) from exc
        return timezone

    @property
    def zone(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.timezone)


class RuleSection(Section):
    """One rule: what to watch for, and whom to tell how."""

    id: Name
    """Its name in messages, `why` and `silence`; unique."""
    instrument: InstrumentName
    """One of `[instruments]`."""
    when: Annotated[ConditionSpec, CONDITIONS]
    """The condition: a table with a `kind` and that kind's parameters."""
    severity: Severity = "normal"
    """`low` comes without a sound where the receiver can do that, `high` stands
    out."""
    to: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Names of receivers. Default: `routing.default`."""
    cooldown: Duration = 5 * MINUTE
    """Least time between two messages of this rule; the triggers in between are
    recorded, not sent."""
    frequency: Frequency = "every"
    """`once` retires the rule after its first message, `every` tells each trigger,
    `once_per_bar:1d` the first in each bar of that timeframe."""
    expires: Instant | None = None
    """From this moment on nothing is sent."""
    note: Annotated[str, StringConstraints(max_length=1000)] = ""
    """Why it matters, in your words; it stands in the message."""
    enabled: StrictBool = True
    """`false` keeps the rule in the file and out of the daemon."""


class Config(Section):
    """levelwatch.toml, checked: every reference in it leads somewhere."""

    storage: StorageSection = StorageSection()
    sources: dict[Name, Annotated[SourceSpec, SOURCES]] = {}
    """Where prices come from; any name, a `kind` and that kind's keys."""
    instruments: dict[InstrumentName, InstrumentSection] = {}
    """What is watched, named as ccxt names it: `[instruments."BNB/USD"]`."""
    receivers: dict[Name, Annotated[ReceiverSpec, RECEIVERS]] = {}
    """Who is told; any name, a `kind` and that kind's keys."""
    routing: RoutingSection = RoutingSection()
    operator: OperatorSection = OperatorSection()
    display: DisplaySection = DisplaySection()
    levels: dict[Name, Annotated[LevelSpec, LEVELS]] = {}
    """Named prices, zones and averages that rules refer to; each needs its
    `instrument`. A zone's edges are `name.upper` and `name.lower`."""
    rules: tuple[RuleSection, ...] = ()
    """What to watch for; one `[[rules]]` table each."""

    _secrets: frozenset[str] = PrivateAttr(default=frozenset())

    def model_post_init(self, context: object) -> None:
        """Keep the secrets that the loader hands in, out of sight of `repr`."""
        if isinstance(context, LoadContext):
            self._secrets = context.secrets

    @property
    def secrets(self) -> frozenset[str]:
        """Exact strings that no log line, error or message may contain."""
        return self._secrets

    @property
    def default_receivers(self) -> tuple[str, ...]:
        """Who hears of a rule that names nobody."""
        return self.routing.default or tuple(self.receivers)

    @property
    def operator_receivers(self) -> tuple[str, ...]:
        """Who hears that levelwatch itself is in trouble."""
        return self.operator.to or self.default_receivers

    def receivers_of(self, rule: RuleSection) -> tuple[str, ...]:
        """Who hears of this rule."""
        return rule.to or self.default_receivers

    def build_rules(self) -> tuple[Rule, ...]:
        """The enabled rules of the core, in the order of the file."""
        return tuple(
            build_rule(
                rule.when,
                id=rule.id,
                instrument=rule.instrument,
                levels=self.levels,
                severity=rule.severity,
                to=self.receivers_of(rule),
                cooldown=rule.cooldown,
                frequency=rule.frequency,
                expires=rule.expires,
                note=rule.note,
            )
            for rule in self.rules
            if rule.enabled
        )

    def build_instruments(self) -> dict[str, Instrument]:
        """The instruments of the core, by name."""
        return {name: spec.build(name) for name, spec in self.instruments.items()}

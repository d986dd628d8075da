"""A configured rule in one plain sentence."""

from alerts.sentence import Wording, say_rule
from daemon.config.sections import Config, RuleSection


def say_configured(config: Config, rule: RuleSection) -> str:
    """What the rule asks and whom it tells, with all defaults filled in."""
    return say_rule(
        rule.when,
        Wording(
            instrument=config.instruments[rule.instrument].build(rule.instrument),
            levels=config.levels,
            receivers=config.receivers_of(rule),
            frequency=rule.frequency,
            cooldown=rule.cooldown,
            expires=rule.expires,
            enabled=rule.enabled,
        ),
    )

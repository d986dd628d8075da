"""What a reload changes, in words."""

from daemon.config import Config
from daemon.session import build_rules


def describe_changes(old: Config, new: Config) -> list[str]:
    """One line per change; empty where the two configurations say the same."""
    before, after = build_rules(old), build_rules(new)
    lines = []
    if added := sorted(after.keys() - before.keys()):
        lines.append(f"added rules: {', '.join(added)}")
    if removed := sorted(before.keys() - after.keys()):
        lines.append(f"removed rules: {', '.join(removed)}")
    both = sorted(before.keys() & after.keys())
    asked = [n for n in both if before[n].revision != after[n].revision]
    told = [n for n in both if n not in asked and before[n] != after[n]]
    if asked:
        lines.append(f"changed rules, starting afresh: {', '.join(asked)}")
    if told:
        lines.append(f"changed rules, keeping their state: {', '.join(told)}")
    for section in ("sources", "instruments", "receivers", "operator", "display"):
        if getattr(old, section) != getattr(new, section):
            lines.append(f"changed [{section}]")
    return lines

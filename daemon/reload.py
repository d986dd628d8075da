"""What a reload changes, in words."""

from daemon.config import Config


def describe_changes(old: Config, new: Config) -> list[str]:
    """One line per change; empty where the two configurations say the same."""
    before = {rule.id: rule for rule in old.build_rules()}
    after = {rule.id: rule for rule in new.build_rules()}
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
    sections = (
        "storage",
        "sources",
        "instruments",
        "receivers",
        "operator",
        "display",
    )
    changed = [name for name in sections if getattr(old, name) != getattr(new, name)]
    lines += [f"changed [{name}]" for name in changed]
    if old.storage.url != new.storage.url:
        lines.append("the new storage.url takes effect at the next start")
    return lines

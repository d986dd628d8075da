"""A daemon whose beat always fails. Started by one test and by nothing else."""

import sys

import daemon.session
from daemon.beat import Beat
from daemon.cli import main


class FailingBeat(Beat):
    """A second hand that is stuck."""

    async def strike(self) -> None:
        raise ZeroDivisionError("by order of the test")


if __name__ == "__main__":
    setattr(daemon.session, "Beat", FailingBeat)  # noqa: B010 - not its own name
    sys.exit(main())

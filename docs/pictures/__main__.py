"""Record `levelwatch demo` in a terminal, and keep its first full screen as SVG.

    .venv/bin/python -m docs.pictures

Runs the real command in a pseudo-terminal until its next alert would push the first
line off the screen, stops it, and writes docs/pictures/demo.svg.
"""

import codecs
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from docs.pictures.terminal import COLUMNS, draw, last_full_screen, redraws

ROWS = 44
_PICTURE = Path(__file__).with_name("demo.svg")
_DEMO = (sys.executable, "-m", "daemon", "demo")


def main() -> None:
    """Remake the picture."""
    screen = last_full_screen(redraws(_run(_DEMO)), rows=ROWS)
    _PICTURE.write_text(draw(screen, title="make demo"), encoding="utf-8")
    sys.stdout.write(f"{_PICTURE.name}: {len(screen)} lines of a real run\n")


def _run(command: tuple[str, ...]) -> Iterator[str]:
    """What a command writes to a terminal; it is stopped when nobody reads on."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (ROWS, COLUMNS))
    environ = {**os.environ, "TERM": "xterm-256color"}
    decoder = codecs.getincrementaldecoder("utf-8")()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        try:
            # Linux ends the terminal's output with an error.
            with suppress(OSError):
                while data := os.read(ours, 1 << 16):
                    yield decoder.decode(data)
        finally:
            os.close(ours)
            process.terminate()


if __name__ == "__main__":
    main()

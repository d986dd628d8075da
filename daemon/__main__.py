"""`python -m daemon` is `levelwatch`, where the command is not installed."""

import sys

from daemon.cli import main

if __name__ == "__main__":
    sys.exit(main())

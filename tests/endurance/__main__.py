"""``python -m tests.endurance --hours 2``."""

import sys

from tests.endurance.run import main

if __name__ == "__main__":
    sys.exit(main())

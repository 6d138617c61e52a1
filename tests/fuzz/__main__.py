"""``python -m tests.fuzz --cases 1000000``."""

import sys

from tests.fuzz.run import main

if __name__ == "__main__":
    sys.exit(main())

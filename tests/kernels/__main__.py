"""``python -m tests.kernels``: some tests again, under another kernel than the processor's own.

They are those whose results come from linear algebra, and those that compare them with what is written down or was
found in other ways. Options are those of pytest.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from benchmarks.kernels import other_kernels

TESTS = (
    "tests/optics",
    "tests/scoring/test_gating.py",
    "tests/scoring/test_score_oracle.py",
    "tests/certificates/test_verify.py",
    "tests/docs/test_best_known.py",
)
"""What is run again."""


def main(options: Sequence[str]) -> int:
    """Run the tests under another kernel; return 1 where some fail."""
    kernels = other_kernels(1)
    if not kernels:
        sys.stdout.write("no other kernel of the linear-algebra library runs on this processor: nothing tested\n")
    codes = []
    for kernel in kernels:
        sys.stdout.write(f"== {kernel.name}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *TESTS, *options]
        codes.append(subprocess.run(command, env=kernel.environment, check=False).returncode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

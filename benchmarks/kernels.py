"""Kernels of the linear-algebra library that this processor can run: last digits, as other processors round them.

OpenBLAS, which NumPy and SciPy bring along, has kernels for many processors and takes the one that
``OPENBLAS_CORETYPE`` names. NumPy has loops of its own for newer processors, which ``NPY_DISABLE_CPU_FEATURES`` turns
off. Whether this processor can run a kernel, and whether that makes any difference, is tried: a small program prints
the bits of some products and inverses, or ends by an illegal instruction.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CANDIDATES = ("SkylakeX", "Haswell", "Nehalem", "Sandybridge", "NEOVERSEV1", "NEOVERSEN1", "ARMV8")
"""Names as OpenBLAS knows them; those of other processors change nothing."""

PROBE = """
import hashlib
import numpy as np
x = (np.arange(4800.0) * 0.618033988749895 % 1).reshape(80, 60)
square = x.T @ x
bits = [square, x @ x[0], np.linalg.inv(square + np.eye(60)), np.linalg.svd(x)[1]]
print(hashlib.sha256(b"".join(part.tobytes() for part in bits)).hexdigest())
"""

PROBE_S = 120.0
"""Seconds that a probe may take on a busy machine."""


@dataclass(frozen=True)
class Kernel:
    """A kernel.

    Attributes:
        name: As OpenBLAS knows it; ``default`` is what it takes by itself.
        variables: Environment variables that choose it.
    """

    name: str
    variables: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that is to run under this kernel."""
        return {**os.environ, **self.variables}


DEFAULT = Kernel("default", {})


def other_kernels(most: int = 2) -> list[Kernel]:
    """Return kernels that run here and round differently from the default one and from each other.

    Args:
        most: How many to look for.
    """
    seen = {_bits(DEFAULT)}
    found: list[Kernel] = []
    for name in CANDIDATES:
        kernel = Kernel(name, {"OPENBLAS_CORETYPE": name, "NPY_DISABLE_CPU_FEATURES": " ".join(_disabled(name))})
        bits = _bits(kernel) if len(found) < most else None
        if bits is not None and bits not in seen:
            seen.add(bits)
            found.append(kernel)
    return found


def _disabled(name: str, features: Sequence[str] | None = None) -> list[str]:
    """Return the features of NumPy that a processor with this kernel does not have."""
    if features is None:
        features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    wide = [feature for feature in features if "AVX512" in feature or "V4" in feature]
    return {"SkylakeX": [], "Haswell": wide}.get(name, list(features))


def _bits(kernel: Kernel) -> str | None:
    """Return the bits of some results, or None where the processor cannot run the kernel."""
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, env=kernel.environment, capture_output=True, text=True, timeout=PROBE_S)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None

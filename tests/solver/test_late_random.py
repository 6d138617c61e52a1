"""Late random numbers are those of numpy, also after a copy."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from panelopt.solver.late_random import late_generator


def test_numbers_are_those_of_numpy() -> None:
    ours, numpys = late_generator(7), np.random.default_rng(7)
    for _ in range(2):
        assert ours.random(3).tolist() == numpys.random(3).tolist()
        assert ours.permutation(9).tolist() == numpys.permutation(9).tolist()
        assert ours.integers(100) == numpys.integers(100)


@pytest.mark.parametrize("drawn", [0, 2])
def test_copies_go_on_where_the_first_one_was(drawn: int) -> None:
    ours, numpys = late_generator(7), np.random.default_rng(7)
    for generator in (ours, numpys):
        generator.random(drawn)
    copies = [copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))]  # noqa: S301  made here
    expected = numpys.random(3).tolist()
    assert [other.random(3).tolist() for other in (*copies, ours)] == [expected] * 3


def test_nothing_is_loaded_before_a_number_is_drawn() -> None:
    program = (
        "import sys; from panelopt.solver.late_random import late_generator\n"
        "random = late_generator(1); print('numpy.random' in sys.modules)\n"
        "random.random(); print('numpy.random' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]

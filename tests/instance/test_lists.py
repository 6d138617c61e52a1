"""Lists of markers, compiled."""

from __future__ import annotations

import pytest

from panelopt.errors import InputError
from tests import builders
from tests.planning.helpers import compiled


def test_each_marker_with_a_level_is_a_view() -> None:
    instance = compiled(builders.marker_list())
    assert len(instance.views) == len(builders.marker_list().marker)


def test_a_list_without_any_marker_left_is_refused() -> None:
    problem = builders.marker_list()
    forbidden = tuple(m.model_copy(update={"role": "viability", "level": None}) for m in problem.marker)
    with pytest.raises(InputError, match="no marker with a level is left"):
        compiled(problem.model_copy(update={"marker": forbidden[:1]}))

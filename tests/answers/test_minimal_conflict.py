"""Minimal clashes of made-up things: sets clash where they hold one of some cores."""

from __future__ import annotations

import numpy as np

from panelopt.answers.minimal_conflict import minimal_conflict

Cores = list[frozenset[int]]


def random_cores(rng: np.random.Generator, count: int) -> Cores:
    sizes = rng.integers(1, 4, rng.integers(1, 4))
    return [frozenset(rng.choice(count, min(int(size), count), replace=False).tolist()) for size in sizes]


def test_what_remains_is_minimal() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        count = int(rng.integers(1, 9))
        cores = random_cores(rng, count)
        kept, unsure = minimal_conflict(
            count, lambda some, c=cores: any(core <= some for core in c), rng.choice(count, count // 2, replace=False)
        )
        assert kept in cores
        assert not any(core < kept for core in cores)
        assert unsure == frozenset()


def test_what_stays_open_is_kept_and_told() -> None:
    rng = np.random.default_rng(5)
    told = 0
    for _ in range(300):
        count = int(rng.integers(2, 9))
        cores = random_cores(rng, count)
        silent = {frozenset(rng.choice(count, rng.integers(0, count), replace=False).tolist()) for _ in range(12)}

        def clashes(some: frozenset[int], cores: Cores = cores, silent: set[frozenset[int]] = silent) -> bool | None:
            return None if some in silent else any(core <= some for core in cores)

        kept, unsure = minimal_conflict(count, clashes, [])
        assert any(core <= kept for core in cores)
        assert all(not any(core <= kept - {one} for core in cores) for one in kept - unsure)
        assert all(clashes(kept - {one}) is None for one in unsure)
        told += bool(unsure)
    assert told > 20


def test_nothing_is_needed_where_nothing_helps() -> None:
    assert minimal_conflict(3, lambda _: True, [1]) == (frozenset(), frozenset())


def test_easy_things_alone_are_tried_first() -> None:
    asked: list[frozenset[int]] = []

    def clashes(some: frozenset[int]) -> bool:
        asked.append(some)
        return 1 in some

    assert minimal_conflict(4, clashes, [0, 3]) == (frozenset({1}), frozenset())
    assert asked[0] == frozenset({1, 2})
    assert not any(some & {0, 3} for some in asked)

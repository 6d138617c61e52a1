"""A clock that goes backwards during a run: time limits hold, and nothing else depends on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.commands import inputs

BACKWARDS = """\
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct timespec start;

__attribute__((constructor)) static void begin(void) { syscall(SYS_clock_gettime, CLOCK_REALTIME, &start); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  int code = (int)syscall(SYS_clock_gettime, clock, now);
  if (clock == CLOCK_REALTIME) {
    now->tv_sec = 2 * start.tv_sec - now->tv_sec;
    now->tv_nsec = 999999999 - now->tv_nsec;
  }
  return code;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now) *now = exact.tv_sec;
  return exact.tv_sec;
}
"""
"""A clock of the day that runs backwards from the start of a process; the monotonic clock is left alone."""

ENDLESS = """\
import time
from ortools.sat.python import cp_model
from panelopt.solver import engine
from tests.solver.test_engine import endless
day, began = time.time(), time.perf_counter()
run = engine.run(cp_model.CpSolver(), endless(), seconds=1.0)
assert not run.done
assert time.time() < day
print(time.perf_counter() - began)
"""


@pytest.fixture(scope="module")
def backwards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process whose clock goes backwards."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler, to turn the clock of one process")
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(BACKWARDS, encoding="utf-8")
    words = [compiler, "-shared", "-fPIC", "-o", "clock.so", "clock.c"]
    subprocess.run(words, cwd=folder, check=True)
    return {**os.environ, "LD_PRELOAD": str(folder / "clock.so")}


def test_time_limits_hold(backwards: dict[str, str], repository: Path) -> None:
    words = [sys.executable, "-c", ENDLESS]
    done = subprocess.run(words, cwd=repository, env=backwards, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 10


@pytest.mark.slow
def test_a_design_says_the_same(backwards: dict[str, str], tmp_path: Path) -> None:
    folder = inputs(tmp_path / "work")
    words = [sys.executable, "-m", "panelopt", "design", "my.toml", "--cytometer", "mini.toml", "--catalog", "shelf"]
    found = []
    for environment in (dict(os.environ), backwards):
        done = subprocess.run(
            [*words, "--json"], cwd=folder, env=environment, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        solver = result.pop("solver")
        assert 0 <= solver["build_s"] <= solver["wall_s"]
        found.append((result, done.stderr))
    assert found[0] == found[1]

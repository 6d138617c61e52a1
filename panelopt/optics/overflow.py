"""Rejects numbers so large or small that computing with them overflows, wherever that happens."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from panelopt.errors import input_error

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def refuse_overflow(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Decorate a function that computes with numbers from files.

    Single quantities have limits of their own; this is for what many of them in one file may do together. Without it
    numpy would warn and go on with infinite numbers, and what is compared with them would seem right.

    Raises:
        InputError: instead of an overflow warning.
    """

    @functools.wraps(function)
    def refusing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                return function(*args, **kwargs)
        except FloatingPointError:
            message = "input numbers are too large or too small to compute with"
            hint = "Look for extreme levels, frequencies, brightness, widths of bands or peaks, and noise."
            raise input_error("overflow", message, hint=hint) from None

    return refusing

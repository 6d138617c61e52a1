"""Turns errors into messages and exit codes; users never see a traceback."""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import os
import sys
from typing import Any

import click

from panelopt.api.errors import Finding, InputError, PaneloptError
from panelopt.api.files import plain
from panelopt.cli.lazy_commands import LazyGroup
from panelopt.cli.terminal import fitted, styled
from panelopt.cli.usage_words import in_plain_words, missing_option

EXIT_LIMIT = 4
EXIT_INTERRUPTED = 130

MAX_SHOWN = 50
"""Findings listed for one error; further ones are only counted."""


ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Threads of linear algebra: for matrices as small as those of panels, several wait for each other most of the time."""


class PaneloptGroup(LazyGroup):
    """A group whose commands may raise :class:`~panelopt.errors.PaneloptError`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn user errors into a message, a hint and an exit code."""
        atexit.register(gc.freeze)  # else Python looks through everything once more before it ends
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them reads all that is installed
        for name in ONE_THREAD:
            os.environ.setdefault(name, "1")
        for stream in (sys.stdout, sys.stderr):
            # terminals with another encoding show escapes instead of failing
            with contextlib.suppress(AttributeError, ValueError):
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            message = missing_option(error) or in_plain_words(error.message)
            vars(error)["message"] = message  # click reads it, and declares it final
            raise
        except PaneloptError as error:
            show_error(error)
            ctx.exit(error.exit_code)
        except MemoryError:
            say_error("out of memory", hint="Use fewer catalogs or a lower --max-colours.")
            ctx.exit(EXIT_LIMIT)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # broken pipe; click exits quietly
            say_error(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}")
            ctx.exit(PaneloptError.exit_code)
        except KeyboardInterrupt:
            say_error("interrupted; there is no result yet")
            ctx.exit(EXIT_INTERRUPTED)


def show_error(error: PaneloptError) -> None:
    """Write an error to stderr: what is wrong, where, and what to do; for input errors, every finding."""
    if not isinstance(error, InputError) or len(error.findings) <= 1:
        say_error(str(error), error.hint)
        return
    say_error(f"{len(error.findings)} faults in the input:")
    for finding in error.findings[:MAX_SHOWN]:
        say_finding(finding)
    if len(error.findings) > MAX_SHOWN:
        say(f"  and {len(error.findings) - MAX_SHOWN} more")


def say_error(message: str, hint: str = "") -> None:
    """Write one error message with its hint to stderr."""
    say(f"Error: {message}", fg="red", bold=True)
    if hint:
        say(f"Hint: {hint}")


def say_finding(finding: Finding) -> None:
    """Write one finding as a list item to stderr."""
    place = f"{finding.where}: " if finding.where else ""
    say(f"  - {place}{finding.message}")
    if finding.hint:
        say(f"    Hint: {finding.hint}")


def say_warning(message: str, where: str = "", hint: str = "") -> None:
    """Write a warning with its hint to stderr."""
    say(f"Warning: {where}: {message}" if where else f"Warning: {message}", fg="yellow")
    if hint:
        say(f"Hint: {hint}")


def say(line: str, **style: Any) -> None:
    """Write one line to stderr, without control characters; a terminal wraps it, with a styled label."""
    label, colon, rest = fitted(plain(line), sys.stderr).partition(":")
    click.echo(f"{styled(label + colon, sys.stderr, **style) if style else label + colon}{rest}", err=True)

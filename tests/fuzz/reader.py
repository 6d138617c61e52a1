# ruff: noqa: S311
"""What a reader is, and what may come out of it: an answer or a :class:`PaneloptError`, and nothing else."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from panelopt import registry
from panelopt.errors import PaneloptError
from tests.fuzz import mutations
from tests.fuzz.guard import HangError, guarded


@dataclass(frozen=True)
class Reader:
    """A reader of files, or a command that reads a file and works with it.

    Attributes:
        name: Short name.
        suffix: Of its files.
        read: Reads a file.
        seeds: Return valid files.
        structured: Change that knows the format.
        share: Part of all cases that it gets in a long run, relative to the others.
    """

    name: str
    suffix: str
    read: Callable[[Path], object]
    seeds: Callable[[], tuple[bytes, ...]]
    structured: mutations.Mutation
    share: float = 1.0

    def case(self, number: int) -> bytes:
        """Return the hostile file of this number; always the same one."""
        random = Random(f"{self.name} {number}")
        valid = valid_files(self)
        return mutations.changed(random.choice(valid), random, self.structured, valid)


@functools.cache
def valid_files(reader: Reader) -> tuple[bytes, ...]:
    """Return valid files of a reader."""
    return reader.seeds()


@functools.cache
def _fill_cache() -> None:
    """Parse the shipped files, which are then kept: no reader under test is to write them."""
    registry.fluorochromes()
    registry.fluorochrome_names()
    registry.marker_names()
    registry.shipped_problems()
    for name in registry.cytometer_names():
        registry.find_cytometer(name)


def outcome(reader: Reader, number: int, folder: Path) -> str:
    """Read the hostile file of this number; return what is wrong with the reader, or nothing.

    Args:
        reader: The reader.
        number: Of the file.
        folder: Where the file is put; the reader may write there and nowhere else.
    """
    return outcome_of(reader, reader.case(number), folder)


def outcome_of(reader: Reader, content: bytes, folder: Path) -> str:
    """Read a hostile file; return what is wrong with the reader, or nothing."""
    path = folder / f"case{reader.suffix}"
    path.write_bytes(content)
    _fill_cache()
    trouble = ""
    with guarded(folder) as acts:
        try:
            reader.read(path)
        except PaneloptError as error:
            trouble = "" if error.message.strip() else "an error without a message"
        except HangError:
            trouble = "hangs"
        except Exception as error:  # noqa: BLE001  every one is a find
            place = traceback.extract_tb(error.__traceback__)[-1]
            own = [f for f in traceback.extract_tb(error.__traceback__) if "/panelopt/" in f.filename] or [place]
            trouble = f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}: {str(error)[:200]}"
    return trouble or "; ".join(acts)

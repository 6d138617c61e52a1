# ruff: noqa: S311, T201
"""Hostile files guided by coverage: ``python -m tests.fuzz.guided READER --seconds 300``; needs ``atheris``.

Files that reach new code are kept and changed further, by bytes and by what is known of the format. Finds are printed
and kept in a folder, and the run goes on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["panelopt", "tomllib", "flowio"]):
    from tests.fuzz.reader import Reader, outcome_of, valid_files
    from tests.fuzz.readers import READERS

from tests.fuzz import mutations

LARGEST = 20_000
"""Longer files are not tried: they are slow, and reach nothing that shorter ones do not."""


class Guided:
    """One run.

    Args:
        reader: What reads.
        folder: Where cases are put; the reader may write there and nowhere else.
        finds: Where finds are kept.
    """

    def __init__(self, reader: Reader, folder: Path, finds: Path) -> None:
        self.reader, self.folder, self.finds = reader, folder, finds
        self.kinds: set[str] = set()

    def read(self, content: bytes) -> None:
        """Read a file; say what is wrong with the reader, once for each kind."""
        trouble = outcome_of(self.reader, content, self.folder)
        kind = trouble.split(": ")[0]
        if trouble and kind not in self.kinds:
            self.kinds.add(kind)
            self.finds.mkdir(parents=True, exist_ok=True)
            path = self.finds / f"{self.reader.name}--guided-{len(self.kinds)}{self.reader.suffix}"
            path.write_bytes(content)
            print(f"FOUND {path}: {' '.join(trouble.split())}", flush=True)

    def change(self, content: bytes, largest: int, seed: int) -> bytes:
        """Return another file: changed by the library, or by what is known of the format."""
        random = Random(seed)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(content, largest))
        try:
            changed = mutations.changed(content, random, self.reader.structured, valid_files(self.reader))
        except Exception:  # noqa: BLE001  a change that knows the format need not fit what is no longer of it
            return bytes(atheris.Mutate(content, largest))
        return changed[:largest]


def main() -> None:
    """Run; ends after so many seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=sorted(READERS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--finds", type=Path, default=Path("build/finds"), help="folder for the files that were finds")
    asked = parser.parse_args()
    reader = READERS[asked.reader]
    with tempfile.TemporaryDirectory() as place:
        corpus, cases = Path(place) / "corpus", Path(place) / "cases"
        for folder in (corpus, cases):
            folder.mkdir()
        for number, content in enumerate(valid_files(reader)):
            (corpus / str(number)).write_bytes(content)
        for other in READERS.values():  # loads what is loaded when it is needed
            outcome_of(other, valid_files(other)[0], cases)
        guided = Guided(reader, cases, asked.finds)
        options = [f"-max_total_time={asked.seconds}", f"-max_len={LARGEST}", "-rss_limit_mb=0", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], str(corpus), *options], guided.read, custom_mutator=guided.change)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

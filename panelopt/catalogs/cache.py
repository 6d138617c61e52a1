"""The folder of compiled catalogs."""

from __future__ import annotations

from pathlib import Path

from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.io.kept_files import KeptFiles


@dataclass(frozen=True, slots=True)
class CatalogCache:
    """Compiled catalogs by key, as :class:`panelopt.io.kept_files.KeptFiles`.

    Attributes:
        folder: Where the files are; it is made when the first one is kept.
    """

    folder: Path

    def find(self, key: str) -> bytes | None:
        """Return what was kept under a key; None if there is nothing, or it is damaged."""
        return self._kept().find(key)

    def keep(self, key: str, content: bytes) -> Finding | None:
        """Keep something under a key; return a remark if that is not possible."""
        reason = self._kept().keep(key, content)
        if not reason:
            return None
        message = f"the compiled catalog cannot be kept ({reason}): it is compiled anew in every run"
        return Finding("no-cache", message, str(self.folder), "Name another folder in the variable PANELOPT_CACHE.")

    def _kept(self) -> KeptFiles:
        return KeptFiles(self.folder, ".parquet")

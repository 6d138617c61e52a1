"""Findings of `panelopt doctor`: versions, places and checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record


class Package(Record):
    """A package that panelopt uses."""

    name: str
    version: str = Field(default="", description="empty where it is not installed")
    extra: str = Field(default="", description="extra that brings it; empty where panelopt always needs it")
    wanted: str = Field(default="", description="versions that panelopt asks for")

    @property
    def missing(self) -> bool:
        """Whether the package is required but not installed."""
        return not self.version and not self.extra


class InstallationCheck(Record):
    """One check of the installation."""

    name: str
    state: Literal["ok", "warning", "broken"]
    message: str
    hint: str = ""


class Installation(Record):
    """Where panelopt runs, and with which packages."""

    panelopt_version: str
    python_version: str
    platform: str
    cores: int
    packages: tuple[Package, ...]
    places: dict[str, str] = Field(description="folders and files, by what they are for")
    counts: dict[str, int] = Field(description="problems, cytometers, dyes and catalogs that were found")
    checks: tuple[InstallationCheck, ...]

    @property
    def works(self) -> bool:
        """Whether nothing is broken."""
        return not any(check.state == "broken" for check in self.checks)

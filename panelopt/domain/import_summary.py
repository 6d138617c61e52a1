"""Counts of an import of a foreign list: what was taken and what was not."""

from __future__ import annotations

from pydantic import Field, model_validator

from panelopt.domain.base import Record


class SpellingShare(Record):
    """Distinct spellings of one kind in a list."""

    spellings: int = Field(ge=0)
    known: int = Field(ge=0, description="spellings that the tables of names know")
    share: float | None = Field(default=None, ge=0, le=1, description="known / spellings; none without spellings")
    unknown: tuple[str, ...] = Field(default=(), description="the others")


class ImportSummary(Record):
    """Counts of an import; ``rows = conjugates + rejects``, or validation fails."""

    catalog: str
    source: str
    retrieved: str
    sha256: str = Field(description="hash of conjugates.csv")
    form: str = Field(description="text, xlsx, json, feather or parquet")
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_line: int = Field(ge=0, description="0 where the format names its columns")
    title_lines: int = Field(ge=0, description="filled lines above the header; they are no rows")
    empty_lines: int = Field(ge=0, description="lines without any character; they are no rows")
    rows: int = Field(ge=0)
    conjugates: int = Field(ge=0, description="rows of conjugates.csv")
    rejects: int = Field(ge=0, description="rows of rejects.csv")
    rejected: dict[str, int] = Field(description="rejects by reason")
    fluorochromes: SpellingShare = Field(description="spellings of labels, without those that are no fluorochrome")
    human_cd_markers: SpellingShare = Field(
        description="spellings that begin with a CD number, of rows that react with human or name no species"
    )
    markers_as_written: int = Field(ge=0, description="conjugates whose marker is in no table")
    without_optics: int = Field(ge=0, description="conjugates whose dye has no known optics: no design uses them yet")
    not_human: int = Field(ge=0, description="conjugates whose reactivity is stated without human")
    priced: int = Field(ge=0, description="conjugates with a price")
    price_per_test: int = Field(ge=0, description="conjugates with a price per test")
    unused_columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = Field(default=(), description="what was assumed on reading")

    @model_validator(mode="after")
    def _rows_add_up(self) -> ImportSummary:
        if self.rows != self.conjugates + self.rejects or self.rejects != sum(self.rejected.values()):
            raise ValueError(f"{self.rows} rows are not {self.conjugates} conjugates and {self.rejects} rejects")
        return self

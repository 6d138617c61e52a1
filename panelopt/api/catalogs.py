"""Find, search, check, import and export catalogs."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.catalogs import catalog_sources as catalog_sources
    from panelopt.catalogs import check_catalogs as check_catalogs
    from panelopt.catalogs import find_catalogs as find_catalogs
    from panelopt.catalogs import readable_catalogs as readable_catalogs
    from panelopt.catalogs.conjugates_csv import conjugates_csv as conjugates_csv
    from panelopt.catalogs.export import export_csv as export_csv
    from panelopt.catalogs.export import export_parquet as export_parquet
    from panelopt.catalogs.export import export_xlsx as export_xlsx
    from panelopt.catalogs.folder import read_catalog as read_catalog
    from panelopt.catalogs.folder import write_catalog as write_catalog
    from panelopt.catalogs.importing import guess_mapping as guess_mapping
    from panelopt.catalogs.importing import import_into as import_into
    from panelopt.catalogs.importing import import_table as import_table
    from panelopt.catalogs.importing import read_foreign as read_foreign
    from panelopt.catalogs.importing import tables as tables
    from panelopt.catalogs.importing import with_decimal as with_decimal
    from panelopt.catalogs.importing.files.map_file import ImportMap as ImportMap
    from panelopt.catalogs.importing.files.map_file import map_toml as map_toml
    from panelopt.catalogs.importing.files.map_file import read_map as read_map
    from panelopt.catalogs.importing.files.raw import RawTable as RawTable
    from panelopt.catalogs.importing.files.reader import ReadOptions as ReadOptions
    from panelopt.catalogs.writer import check_folder as check_folder
    from panelopt.catalogs.writer import write_folder as write_folder
    from panelopt.domain.conjugate_search import Hit as Hit
    from panelopt.domain.conjugate_search import Query as Query
    from panelopt.domain.conjugate_search import offers as offers
    from panelopt.domain.conjugate_search import search as search
    from panelopt.domain.conjugate_search import unmatched as unmatched
    from panelopt.domain.conjugate_table import table_of as table_of
    from panelopt.domain.import_summary import ImportSummary as ImportSummary
    from panelopt.domain.reagents import Catalog as Catalog
    from panelopt.registry import fluorochrome_names as fluorochrome_names
    from panelopt.registry import marker_names as marker_names
    from panelopt.report.catalog_import_text import import_text as import_text
    from panelopt.report.catalog_tables import catalog_json as catalog_json
    from panelopt.report.catalog_tables import catalogs_text as catalogs_text
    from panelopt.report.catalog_tables import check_json as check_json
    from panelopt.report.catalog_tables import check_text as check_text
    from panelopt.report.catalog_tables import hits_json as hits_json
    from panelopt.report.catalog_tables import hits_text as hits_text
    from panelopt.report.catalog_tables import offers_json as offers_json
    from panelopt.report.catalog_tables import offers_text as offers_text

__getattr__, __all__ = lazily(__name__)

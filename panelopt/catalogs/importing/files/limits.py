"""What a list of antibodies may weigh. A full vendor list has about 100,000 rows, 30 columns and 20 MB."""

MAX_FILE_BYTES = 64_000_000
"""Larger spreadsheets, JSON, Parquet and Feather files are refused before they are read."""

MAX_TEXT_BYTES = 1_000_000_000
"""Larger text files are refused before they are read."""

STREAM_BYTES = 8_000_000
"""Larger text files are read row by row and never held as a whole."""

MAX_UNPACKED_BYTES = 256_000_000
"""Declared size of all parts of a spreadsheet, or of the columns of a Parquet or Feather file, at most."""

MAX_PACKING_RATIO = 200
"""A part of a spreadsheet that unpacks to more than this many times its size is refused; usual is 5 to 30."""

MAX_PARTS = 2_000
"""Files inside a spreadsheet, at most."""

MAX_ROWS = 500_000
"""Rows of one list that is held as a whole, at most."""

MAX_STREAMED_ROWS = 2_000_000
"""Rows of one text file, at most."""

MAX_CELLS = 20_000_000
"""Cells of one list that is held as a whole, at most, with empty ones."""

MAX_COLUMNS = 500
"""Columns of one list, at most."""

MAX_LINE_CHARACTERS = 1_000_000
"""A longer line of a text file is refused."""

MAX_CELL_CHARACTERS = 32_767
"""What a spreadsheet cell can hold; a row with a longer cell is rejected."""

MAX_RECORD_LINES = 20
"""Lines that a quoted cell may join; beyond, its quote counts as never closed."""

MAX_MERGED_CELLS = 100_000
"""Cells in merged ranges of a sheet, at most."""

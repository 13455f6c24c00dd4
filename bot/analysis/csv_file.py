"""The tables that ``gapbot analyse`` reads are CSV files as ``bot.core.csv_file`` reads them."""

from bot.core.csv_file import (
    Codes,
    CsvFile,
    Fault,
    Problem,
    Record,
    UnreadableFile,
    UnusableTable,
    no_row,
    open_csv,
)

__all__ = [
    "Codes",
    "CsvFile",
    "Fault",
    "Problem",
    "Record",
    "UnreadableFile",
    "UnusableTable",
    "no_row",
    "open_csv",
]

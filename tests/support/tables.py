"""All tables of the bot made known, whichever tests run before."""

import importlib
import pkgutil

import bot


def load_all_tables() -> list[str]:
    """Import every module of tables, as ``tables`` or ``..._tables`` names one; return them."""
    found = [
        one.name
        for one in pkgutil.walk_packages(bot.__path__, "bot.")
        if one.name.rpartition(".")[2].endswith("tables")
    ]
    for name in found:
        importlib.import_module(name)
    return found

"""What a database remembers of writes that are undone: emptied, so that it cannot be read back.

SQLite first writes into a log beside the file. While that log stands, it holds who was asked for
the words of a report, and the update that brought them, although the tables no longer do. The log
is taken over into the file and cut to nothing. PostgreSQL's logs are its own; of the old rows that
it keeps beside new ones it can be told to take out those that nobody needs any more.
"""

import sqlite3

from sqlalchemy import text

from bot.core.database import Database

_PATIENCE_SECONDS = 0.5
_SWEEP = text(
    "VACUUM run, answer, comment, invitee, delivery, wave, inbox_update, issue_report,"
    " awaited_reply"
)


def empty_log(database: Database) -> bool:
    """Cut the write-ahead log; False where somebody reads or writes at this moment: try later."""
    path = database.engine.url.database
    if not database.is_sqlite or not path:
        return True
    connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
    try:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return not busy


def sweep(database: Database) -> None:
    """Let PostgreSQL take out old rows of what was cut loose; SQLite overwrites them by itself.

    It works beside everything else. The bytes of old rows may lie in a page until others come
    there; to see those takes the files of the server.
    """
    if database.is_sqlite:
        return
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(_SWEEP)

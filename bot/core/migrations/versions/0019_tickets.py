"""Nothing plain leads from an anonymous run to its person, while it is open neither."""

import hmac
import secrets
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from bot.core.keyring import keys_of

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_PORTION = 500
_NO_LINK = "NOT anonymous OR invitee_id IS NULL"
_TICKET_GOES = "ticket IS NULL OR (anonymous AND state = 'open')"

_WAVE = sa.table("wave", sa.column("id"), sa.column("ticket_secret"))
_RUN = sa.table("run", sa.column("key"), sa.column("invitee_id"), sa.column("ticket"))
_COMMENT = sa.table("comment", sa.column("run_key"), sa.column("language"))

_RUN_COLUMNS = (
    "key, invitee_id, ticket, wave_id, version_id, unit_id, week, anonymous, promise, state, form,"
    " position, card"
)
_FROZEN_SQLITE = (
    """CREATE TRIGGER promise_is_frozen BEFORE UPDATE OF anonymous, promise ON run
    WHEN NEW.anonymous <> OLD.anonymous OR NEW.promise <> OLD.promise
    BEGIN SELECT RAISE(ABORT, 'the promise of a run cannot be changed'); END""",
    """CREATE TRIGGER link_stays_cut BEFORE UPDATE OF invitee_id, ticket ON run
    WHEN (OLD.invitee_id IS NULL AND NEW.invitee_id IS NOT NULL)
    OR (OLD.ticket IS NULL AND NEW.ticket IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a link that was cut cannot be made again'); END""",
)
_FROZEN_POSTGRESQL = (
    "DROP TRIGGER link_stays_cut ON run",
    """CREATE TRIGGER link_stays_cut BEFORE UPDATE OF invitee_id, ticket ON run FOR EACH ROW
    WHEN ((OLD.invitee_id IS NULL AND NEW.invitee_id IS NOT NULL)
    OR (OLD.ticket IS NULL AND NEW.ticket IS NOT NULL))
    EXECUTE FUNCTION refuse_change('a link that was cut cannot be made again')""",
)


def upgrade() -> None:
    """Give open anonymous runs a ticket in place of their invitee; seal comments' languages."""
    op.execute(
        "ALTER TABLE wave ADD COLUMN ticket_secret TEXT NOT NULL DEFAULT ''"
        " CONSTRAINT wave_secret_gone CHECK (NOT closed OR ticket_secret = '')"
    )
    op.add_column("run", sa.Column("ticket", sa.String(length=32), nullable=True))
    op.add_column("run", sa.Column("card", sa.Text(), nullable=False, server_default=""))
    _give_tickets()
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_run()
    else:
        op.create_unique_constraint("run_ticket_key", "run", ["ticket"])
        op.drop_constraint("run_link_cut", "run", type_="check")
        op.create_check_constraint("run_link_cut", "run", _NO_LINK)
        op.create_check_constraint("run_ticket_goes", "run", _TICKET_GOES)
        op.alter_column("comment", "language", type_=sa.String())
        for statement in _FROZEN_POSTGRESQL:
            op.execute(statement)
    _forget_reminders()
    _seal_languages()


def _give_tickets() -> None:
    """Take the invitee out of each open anonymous run; rows are written in the order of keys."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT r.key, r.wave_id, i.id, i.person_id FROM run r"
            " JOIN invitee i ON i.id = r.invitee_id"
            " WHERE r.anonymous AND r.state = 'open' ORDER BY r.key"
        )
    ).fetchall()
    if not rows:
        return
    keys = keys_of(connection.dialect)
    keys.ensure()
    hidden = {wave: secrets.token_hex(32) for wave in sorted({row.wave_id for row in rows})}
    for wave, secret in hidden.items():
        changed = sa.update(_WAVE).where(_WAVE.c.id == wave)
        connection.execute(changed.values(ticket_secret=keys.seal(secret)))
    for key, wave, invitee, person in rows:
        whose = f"{invitee}:{person}".encode()
        ticket = hmac.new(hidden[wave].encode(), whose, sha256).hexdigest()[:32]
        changed = sa.update(_RUN).where(_RUN.c.key == key)
        connection.execute(changed.values(invitee_id=None, ticket=ticket))


def _rebuild_run() -> None:
    """Make the table anew, as SQLite changes constraints; its triggers go with the old one."""
    op.create_table(
        "run_new",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=True),
        sa.Column("ticket", sa.String(length=32), nullable=True),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("promise", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False, server_default=""),
        sa.CheckConstraint(_NO_LINK, name="run_link_cut"),
        sa.CheckConstraint(_TICKET_GOES, name="run_ticket_goes"),
        sa.CheckConstraint("state IN ('open','finished','stopped','expired')", name="run_state"),
        sa.ForeignKeyConstraint(["invitee_id"], ["invitee.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["questionnaire_version.id"]),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"]),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("invitee_id"),
        sa.UniqueConstraint("ticket"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO run_new ({_RUN_COLUMNS}) SELECT {_RUN_COLUMNS} FROM run"  # noqa: S608
        " ORDER BY key"
    )
    op.drop_table("run")
    op.rename_table("run_new", "run")
    op.create_index("run_unit_week", "run", ["unit_id", "week"], unique=False)
    op.create_index("run_wave", "run", ["wave_id"], unique=False)
    for statement in _FROZEN_SQLITE:
        op.execute(statement)


def _forget_reminders() -> None:
    """Delete reminders that were sent or were not wanted: their end tells who had finished."""
    op.execute(
        "DELETE FROM delivery WHERE kind = 'reminder' AND state NOT IN ('queued', 'sending')"
    )


def _seal_languages() -> None:
    connection = op.get_bind()
    after = ""
    while True:
        rows = connection.execute(
            sa.select(_COMMENT.c.run_key, _COMMENT.c.language)
            .where(_COMMENT.c.run_key > after)
            .order_by(_COMMENT.c.run_key)
            .limit(_PORTION)
        ).fetchall()
        for key, language in rows:
            if language:
                changed = sa.update(_COMMENT).where(_COMMENT.c.run_key == key)
                keys = keys_of(connection.dialect)
                keys.ensure()
                connection.execute(changed.values(language=keys.seal(language)))
        if len(rows) < _PORTION:
            return
        after = rows[-1].run_key

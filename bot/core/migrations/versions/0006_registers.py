"""Standards, promises and measurements."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this feature."""
    _standards()
    _opinions()
    _promises()
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n >= 1", name="measurement_n"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "item", "at"),
    )


def _standards() -> None:
    op.create_table(
        "standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    of_unit, of_all = sa.text("unit_id IS NOT NULL"), sa.text("unit_id IS NULL")
    op.create_index(
        "standard_of_unit",
        "standard",
        ["item", "unit_id"],
        unique=True,
        sqlite_where=of_unit,
        postgresql_where=of_unit,
    )
    op.create_index(
        "standard_of_all",
        "standard",
        ["item"],
        unique=True,
        sqlite_where=of_all,
        postgresql_where=of_all,
    )
    op.create_index("standard_unit", "standard", ["unit_id"])
    op.create_table(
        "standard_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("wording", sa.String(length=300), nullable=False),
        sa.Column("metric", sa.String(length=80), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("comparison", sa.String(length=8), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 7", name="standard_level"),
        sa.CheckConstraint("comparison IN ('','at_most','at_least')", name="standard_comparison"),
        sa.CheckConstraint("(comparison = '') = (target IS NULL)", name="standard_target_fits"),
        sa.CheckConstraint("source IN ('chat','file')", name="standard_source"),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("standard_id", "number"),
    )


def _opinions() -> None:
    op.create_table(
        "standard_asked",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "month"),
    )
    op.create_table(
        "standard_card",
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("question", sa.String(length=4), nullable=False),
        sa.CheckConstraint("question IN ('know','keep')", name="standard_card_question"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("standard_card_month", "standard_card", ["month"])
    op.create_table(
        "standard_opinion",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("question", sa.String(length=4), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("question IN ('know','keep')", name="standard_opinion_question"),
        sa.CheckConstraint("answer BETWEEN 1 AND 4", name="standard_opinion_answer"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("unit_id", "standard_id", "month", "question", "answer"),
    )


def _promises() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('advert','site','contract','staff','other')", name="promise_channel"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("promise_unit", "promise", ["unit_id", "item"])
    op.create_table(
        "promise_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("wording", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 7", name="promise_level"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="promise_time"),
        sa.CheckConstraint("source IN ('chat','file')", name="promise_source"),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("promise_id", "number"),
    )

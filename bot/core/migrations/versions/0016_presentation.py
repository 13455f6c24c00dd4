"""How a person likes to be shown a question; voices in place of comments; scales of five."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LOOKS = "look IN ('','usual','large','reader','faces')"

_MISFIT = "a level that this questionnaire does not have"
_ABOVE = "NEW.score BETWEEN 6 AND 7"  # what is above is refused by the range
_SQLITE = tuple(
    f"""CREATE TRIGGER answer_{event.lower()}_fits_scale BEFORE {event} ON answer WHEN {_ABOVE}
    AND NEW.score > (SELECT v.points FROM questionnaire_version v WHERE v.id = NEW.version_id)
    BEGIN SELECT RAISE(ABORT, '{_MISFIT}'); END"""
    for event in ("INSERT", "UPDATE")
)
_POSTGRESQL = (
    f"""CREATE FUNCTION answer_fits() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.score > (SELECT v.points FROM questionnaire_version v WHERE v.id = NEW.version_id)
        THEN
            RAISE EXCEPTION '{_MISFIT}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    f"""CREATE TRIGGER answer_fits_scale BEFORE INSERT OR UPDATE ON answer FOR EACH ROW
    WHEN ({_ABOVE}) EXECUTE FUNCTION answer_fits()""",
)


def upgrade() -> None:
    """Add the columns; what is there stays as it was."""
    with op.batch_alter_table("wish") as wish:
        wish.add_column(sa.Column("look", sa.String(length=6), nullable=False, server_default=""))
        wish.create_check_constraint("wish_look", _LOOKS)
    op.add_column("comment", sa.Column("voice", sa.Text(), nullable=False, server_default=""))
    for name in ("seconds", "tries"):
        op.add_column(
            "comment", sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        )
    op.add_column(
        "questionnaire_version",
        sa.Column("points", sa.SmallInteger(), nullable=False, server_default="7"),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)

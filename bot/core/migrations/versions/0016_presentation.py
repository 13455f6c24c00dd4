"""How a person likes to be shown a question; voices in place of comments; scales of five."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LOOKS = "look IN ('','usual','large','reader','faces')"


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

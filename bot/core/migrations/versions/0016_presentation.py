"""How a person likes to be shown a question; voices in place of comments; scales of five."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LOOKS = "look IN ('','usual','large','reader','faces')"


def upgrade() -> None:
    """Keep how questions are shown with a person's other wishes."""
    with op.batch_alter_table("wish") as wish:
        wish.add_column(sa.Column("look", sa.String(length=6), nullable=False, server_default=""))
        wish.create_check_constraint("wish_look", _LOOKS)

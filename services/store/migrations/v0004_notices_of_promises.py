"""Column of a notice for a village of the register of promises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("notices") as notices:
        notices.add_column(sa.Column("spot_id", sa.Uuid()))

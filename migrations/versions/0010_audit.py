"""The audit trail, a hash chain per case; and the mark of a confidential case.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_GUARD = """
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is only ever added to: % of % was refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_event_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (new.chain <> old.chain OR new.seq < old.seq OR (new.seq = old.seq AND new.hash <> old.hash))
    EXECUTE FUNCTION audit_is_kept();
"""
"""Against accidents and against whoever has stolen the application's own statements: the owner of the tables can take
the triggers away, and then the seals tell.
"""

_OPTIMISM = """
CREATE FUNCTION audit_end(of_chain text, OUT seq bigint, OUT hash bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT h.seq, h.hash INTO seq, hash FROM audit_head h WHERE h.chain = of_chain;
END $$;
CREATE FUNCTION audit_is_overtaken() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'Somebody else has written into this chain of the audit trail meanwhile.' USING ERRCODE = 'RD001';
END $$;
"""
"""audit_end reads the head as it is now, not as it was when the statement began that asks for it: whoever has waited for
a row lock before finds what the other has written. audit_is_overtaken ends a transaction that has sealed behind a row that
is not the last one any more.
"""


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"])
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        postgresql_with={"fillfactor": 50},
    )
    op.execute(_GUARD)
    op.execute(_OPTIMISM)
    op.add_column(
        "case_file", sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("case_file", sa.Column("confidential_reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("case_file", "confidential_reason")
    op.drop_column("case_file", "confidential")
    op.drop_table("audit_head")
    op.drop_table("audit_event")
    op.execute("DROP FUNCTION audit_is_kept(), audit_end(text), audit_is_overtaken()")

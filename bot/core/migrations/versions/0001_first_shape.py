"""The first shape of the database: one list of what is made, longer than a module should be."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables, and the triggers that keep their promises."""
    op.create_table(
        "dirty_week",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "week"),
    )
    op.create_table(
        "inbox_update",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state <> 'done' OR (raw = '' AND calls = '' AND sender = 0)",
            name="inbox_done_is_empty",
        ),
        sa.CheckConstraint("state IN ('stored','handled','done','failed')", name="inbox_state"),
        sa.PrimaryKeyConstraint("update_id"),
    )
    op.create_index(
        "inbox_open",
        "inbox_update",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state != 'done'"),
        postgresql_where=sa.text("state != 'done'"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name="one_organisation"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=130), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active','stopped','blocked')", name="person_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("telegram_id"),
    )
    op.create_table(
        "picture",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.Column("file_id", sa.String(length=200), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("sha"),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "version"),
    )
    op.create_table(
        "send_budget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("next_free", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_send_budget"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "stored_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("engine_version", sa.String(length=20), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=False),
        sa.Column("window", sa.JSON(), nullable=False),
        sa.Column("questionnaires", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_stored_report_fingerprint"), "stored_report", ["fingerprint"], unique=False
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued','sending','sent','blocked','expired','failed','uncertain','cancelled')",
            name="delivery_state",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "delivery_due",
        "delivery",
        ["lane", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "delivery_expiry",
        "delivery",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "delivery_claimed",
        "delivery",
        ["claimed_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("delivery_person", "delivery", ["person_id"], unique=False)
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["stored_report.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "person_id", "occasion"),
    )
    op.create_index(
        "digest_waiting",
        "digest",
        ["id"],
        unique=False,
        sqlite_where=sa.text("report_id IS NULL"),
        postgresql_where=sa.text("report_id IS NULL"),
    )
    op.create_table(
        "fix_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("fix", sa.String(length=80), nullable=False),
        sa.Column("gap", sa.String(length=20), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('taken','not_ours','done')", name="fix_decision_state"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["stored_report.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "fix_decision_open",
        "fix_decision",
        ["unit_id", "fix"],
        unique=True,
        sqlite_where=sa.text("state != 'done'"),
        postgresql_where=sa.text("state != 'done'"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(role = 'owner') = (unit_id IS NULL)", name="invitation_unit_fits"),
        sa.CheckConstraint(
            "role IN ('owner','manager','staff','customer','partner')", name="invitation_role"
        ),
        sa.CheckConstraint("max_uses IS NULL OR uses <= max_uses", name="invitation_uses"),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("payload_hash"),
    )
    op.create_table(
        "moment_block",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("largest_wave", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("unit_id", "week", "audience"),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'owner') = (unit_id IS NULL)", name="role_unit_fits"),
        sa.CheckConstraint(
            "kind IN ('owner','manager','staff','customer','partner')", name="role_kind"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "role_once",
        "role",
        ["person_id", "kind", "unit_id"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NOT NULL"),
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )
    op.create_index(
        "role_owner_once",
        "role",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.create_index("role_unit", "role", ["unit_id", "kind"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(length=60), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("questionnaire", "unit_id"),
    )
    op.create_table(
        "stored_unit_report",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("plain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["stored_report.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report_id", "unit"),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("schedule_id", "due_on"),
    )
    op.create_index("wave_open", "wave", ["closed", "expires_at"], unique=False)
    op.create_index(
        "wave_remind",
        "wave",
        ["remind_at"],
        unique=False,
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_table(
        "invitee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(state = 'skipped') = (reason <> '')", name="invitee_reason"),
        sa.CheckConstraint("state IN ('asked','skipped','closed')", name="invitee_state"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("wave_id", "person_id"),
    )
    op.create_index("invitee_person", "invitee", ["person_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=True),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("promise", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'open' OR NOT anonymous OR invitee_id IS NULL", name="run_link_cut"
        ),
        sa.CheckConstraint("state IN ('open','finished','stopped','expired')", name="run_state"),
        sa.ForeignKeyConstraint(["invitee_id"], ["invitee.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"],
            ["wave.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("invitee_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("run_unit_week", "run", ["unit_id", "week"], unique=False)
    op.create_index("run_wave", "run", ["wave_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("run_key", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("vantage", sa.String(length=1), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("no_rule", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.CheckConstraint("NOT no_rule OR vantage = 'S'", name="answer_no_rule_is_s"),
        sa.CheckConstraint("vantage IN ('E','M','S','D','C','P','A')", name="answer_vantage"),
        sa.CheckConstraint("(score IS NULL) = no_rule", name="answer_score_or_no_rule"),
        sa.CheckConstraint("score BETWEEN 1 AND 7", name="answer_score_range"),
        sa.ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_version.id"],
        ),
        sa.PrimaryKeyConstraint("run_key", "item", "vantage"),
        sqlite_with_rowid=False,
    )
    op.create_index("answer_unit_week", "answer", ["unit_id", "week"], unique=False)
    op.create_table(
        "comment",
        sa.Column("run_key", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["run_key"], ["run.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("comment_unit_week", "comment", ["unit_id", "week"], unique=False)

    _keep_promises()


def _keep_promises() -> None:
    """Make the database itself refuse what was promised never to happen."""
    dialect = op.get_bind().dialect.name
    for statement in _SQLITE if dialect == "sqlite" else _POSTGRESQL:
        op.execute(statement)


# A trigger cannot say OR IGNORE: the ON CONFLICT of the statement that fires it would win.
_SQLITE = (
    """CREATE TRIGGER questionnaire_is_immutable BEFORE UPDATE ON questionnaire_version
    BEGIN SELECT RAISE(ABORT, 'a questionnaire that was used cannot be changed'); END""",
    """CREATE TRIGGER promise_is_frozen BEFORE UPDATE OF anonymous, promise ON run
    WHEN NEW.anonymous <> OLD.anonymous OR NEW.promise <> OLD.promise
    BEGIN SELECT RAISE(ABORT, 'the promise of a run cannot be changed'); END""",
    """CREATE TRIGGER link_stays_cut BEFORE UPDATE OF invitee_id ON run
    WHEN OLD.invitee_id IS NULL AND NEW.invitee_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a link that was cut cannot be made again'); END""",
    *(
        f"""CREATE TRIGGER answer_{event.lower()}_marks_week AFTER {event} ON answer
        BEGIN INSERT INTO dirty_week (unit_id, week) SELECT {row}.unit_id, {row}.week
        WHERE NOT EXISTS (SELECT 1 FROM dirty_week d
            WHERE d.unit_id = {row}.unit_id AND d.week = {row}.week); END"""
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
)

_POSTGRESQL = (
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE TRIGGER questionnaire_is_immutable BEFORE UPDATE ON questionnaire_version
    FOR EACH ROW EXECUTE FUNCTION
    refuse_change('a questionnaire that was used cannot be changed')""",
    """CREATE TRIGGER promise_is_frozen BEFORE UPDATE OF anonymous, promise ON run FOR EACH ROW
    WHEN (NEW.anonymous <> OLD.anonymous OR NEW.promise <> OLD.promise)
    EXECUTE FUNCTION refuse_change('the promise of a run cannot be changed')""",
    """CREATE TRIGGER link_stays_cut BEFORE UPDATE OF invitee_id ON run FOR EACH ROW
    WHEN (OLD.invitee_id IS NULL AND NEW.invitee_id IS NOT NULL)
    EXECUTE FUNCTION refuse_change('a link that was cut cannot be made again')""",
    # The mark is updated even where it stands, to hold its row: a refresh that takes the mark away
    # then waits for this answer's commit, and reads it.
    """CREATE FUNCTION mark_week() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO dirty_week (unit_id, week) VALUES (OLD.unit_id, OLD.week)
            ON CONFLICT (unit_id, week) DO UPDATE SET week = EXCLUDED.week;
        ELSE
            INSERT INTO dirty_week (unit_id, week) VALUES (NEW.unit_id, NEW.week)
            ON CONFLICT (unit_id, week) DO UPDATE SET week = EXCLUDED.week;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER answer_marks_week AFTER INSERT OR UPDATE OR DELETE ON answer
    FOR EACH ROW EXECUTE FUNCTION mark_week()""",
)

"""The composer of digests: at the moment of sending, in the reader's language of that moment."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.dialogue import Button, Call, Rows, message_call
from bot.core.html import split_html
from bot.core.outbox import Recipient
from bot.core.render import Texts
from bot.core.tables import Delivery
from bot.digests import view as views
from bot.digests.around import Beside, Reading
from bot.digests.message import compose
from bot.digests.reading import view_of
from bot.digests.tables import Digest
from bot.improvement.catalogue import Fix
from bot.people.door import identity_of
from bot.people.tables import MERGED, UNIT, Unit

_FIGURES = frozenset({"gaps", "gap", "dimension"})
VERBS = {"decline": "no", "dimension": "dim"}
"""Actions whose names would not leave room for the rest in a button's 64 bytes."""


class DigestComposer:
    """Makes the picture with its caption, then the text with its buttons."""

    kind = "digest"
    repeatable = False
    forgotten = False

    def __init__(
        self,
        texts: Texts,
        fixes: Callable[[], Sequence[Fix]],
        beside: Beside | None = None,
    ) -> None:
        """``fixes`` is called when first needed; ``beside`` is what other features add."""
        self._texts = texts
        self._fixes = fixes
        self._beside = beside or Beside(texts)

    def compose(
        self, session: Session, delivery: Delivery, to: Recipient, now: datetime
    ) -> list[Call] | None:
        """Return the calls; None when the digest is gone, or no longer open to this person."""
        digest = session.get(Digest, int(delivery.subject))
        if digest is None or digest.report_id is None:
            return None
        who = identity_of(session, to.person_id)
        if who is None or not who.may_count(digest.unit_id):
            return None
        steers = who.may_see(digest.unit_id)
        fixes = self._fixes()
        view = view_of(
            session,
            unit_id=digest.unit_id,
            report_id=digest.report_id,
            language=to.language,
            fixes=fixes,
            today=now.date(),
            figures_only=not steers,
        )
        made = compose(self._texts, view, to.language, fixes=fixes)
        calls: list[Call] = []
        if digest.picture and made.caption:
            calls.append(
                {
                    "method": "sendPhoto",
                    "chat_id": to.telegram_id,
                    "picture": digest.picture,
                    "caption": made.caption,
                    "parse_mode": "HTML",
                }
            )
        elif made.caption:
            calls.append(message_call(to.telegram_id, made.caption))
        for page in made.pages:
            decides = steers and is_unit(session, digest.unit_id)
            rows = rows_of(page, digest.unit_id, digest.report_id, decides=decides)
            markup = to.keyboard(rows)
            calls.append(message_call(to.telegram_id, page.text, markup))
        if not steers:
            return calls
        return [*calls, *self._around(session, digest.unit_id, digest.report_id, to=to, now=now)]

    def _around(
        self, session: Session, unit_id: int, report_id: int, *, to: Recipient, now: datetime
    ) -> list[Call]:
        reading = Reading(unit_id, report_id, to.person_id, to.language, now)
        of_unit = is_unit(session, unit_id)
        found = self._beside.in_short(
            self._beside.sections(session, reading, of_unit=of_unit), reading
        )
        if found is None:
            return []
        *first, last = split_html(found.text)
        return [
            *(message_call(to.telegram_id, text) for text in first),
            message_call(to.telegram_id, last, to.keyboard(found.rows)),
        ]

    def sent(self, session: Session, delivery: Delivery, results: list[Any]) -> None:
        """Nothing follows from a digest's arrival."""


def is_unit(session: Session, unit_id: int) -> bool:
    """Tell whether something is decided here: in a unit, not in a region or what was merged."""
    unit = session.get_one(Unit, unit_id)
    return unit.kind == UNIT and unit.state != MERGED


def rows_of(
    page: views.Page, unit_id: int, report_id: int, *, back: str = "", decides: bool = True
) -> Rows:
    """Return a page's buttons as ``verb:unit:report:argument``; ``back`` leads to the digest.

    Without ``decides`` only those are left that lead to figures.
    """
    rows = [
        [
            Button(one.label, action_of(one, unit_id, report_id))
            for one in row
            if decides or one.action in _FIGURES
        ]
        for row in page.buttons
    ]
    if back:
        rows.append([Button(back, f"back:{unit_id}:{report_id}")])
    return rows


def action_of(button: views.Button, unit_id: int, report_id: int) -> str:
    """Return what the press of an abstract button means for this unit and report."""
    verb = VERBS.get(button.action, button.action)
    action = f"{verb}:{unit_id}:{report_id}"
    return f"{action}:{button.argument}" if button.argument else action

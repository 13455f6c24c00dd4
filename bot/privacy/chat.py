"""What people may know and decide about their data: ``/privacy``, ``/mydata``, ``/forget``.

/privacy ─┬─> how this stays anonymous (also from the first question of an anonymous card)
          ├─> /mydata ─> a file
          └─> /forget ─> what goes, what stays ─> really ─> erased
"""

from sqlalchemy import select
from sqlmodel import col

from bot.core import audit
from bot.core.dialogue import Button, Command, Press, Routes, Turn
from bot.core.i18n import N_
from bot.crm.linking import is_tied
from bot.people.entrance import greet_stranger
from bot.people.registry import the_organisation
from bot.privacy import erasing, gathering, proof
from bot.privacy.desk import PrivacyDesk
from bot.surveys.card import PROOF
from bot.surveys.tables import QuestionnaireVersion

FILE, FORGET = "pvf", "pve"
YES = "y"
FILE_NAME = "my-data.json"


class PrivacyHandlers:
    """Handlers that need to know for how long things are kept."""

    def __init__(self, desk: PrivacyDesk) -> None:
        """Work by this desk."""
        self._desk = desk

    def routes(self) -> Routes:
        """Return what this feature answers to."""
        return Routes(
            commands=(
                Command("privacy", self.page, menu=N_("What is kept about you")),
                Command("mydata", send_file, menu=N_("Get everything that is kept about you")),
                Command("forget", forget, menu=N_("Erase what is kept about you")),
            ),
            presses=(
                Press("pv", self.page),
                Press(PROOF, show_proof),
                Press(FILE, send_file),
                Press(FORGET, forget),
            ),
        )

    def page(self, turn: Turn) -> None:
        """Say what is kept, why, how long, who sees it, and what one may do; per role."""
        anonymous = _anonymous_audiences(turn)
        kinds = sorted({kind for kind, _ in turn.who.roles}) if turn.who else []
        rows = [[Button(turn.label("How this stays anonymous"), PROOF)]]
        if turn.who is not None:
            rows += [
                [Button(turn.label("Send me my data"), FILE)],
                [Button(turn.label("Erase my data"), FORGET)],
            ]
        turn.edit(
            "privacy/page.html",
            rows=rows,
            organisation=the_organisation(turn.session).name,
            stranger=turn.who is None,
            kinds=kinds,
            named=[one for one in kinds if one != "owner" and one not in anonymous],
            unnamed=[one for one in kinds if one in anonymous],
            kept=self._desk,
            customer=turn.who is not None and is_tied(turn.session, turn.who.person_id),
        )


def routes(desk: PrivacyDesk) -> Routes:
    """Return what this feature answers to."""
    return PrivacyHandlers(desk).routes()


def show_proof(turn: Turn) -> None:
    """Show what the database holds of an anonymous answer; below the card, which stays as it is."""
    turn.say("privacy/proof.html", tables=proof.rows())


def send_file(turn: Turn) -> None:
    """Send everything that leads to this person, as a file."""
    if turn.who is None:
        greet_stranger(turn)
        return
    me = turn.who.person_id
    audit.record(
        turn.session, "person.exported", now=turn.now, subject=f"person {me}", person_id=me
    )
    content = gathering.file_of(
        turn.session, turn.texts, me, language=turn.language, now=turn.now, to_themselves=True
    )
    turn.call(
        "sendDocument",
        chat_id=turn.chat_id,
        caption=turn.texts.render("privacy/file.html", turn.language),
        parse_mode="HTML",
        protect_content=True,
        attached={"document": [FILE_NAME, content.decode()]},
    )


def forget(turn: Turn) -> None:
    """Say what goes and what cannot; ask once more; then erase."""
    if turn.who is None:
        turn.edit("privacy/erased.html", nothing=True)
        return
    me = turn.who.person_id
    if erasing.is_last_owner(turn.session, me):
        turn.edit("privacy/last_owner.html")
        return
    step = turn.arguments[0] if turn.update.callback_query and turn.arguments else ""
    if step == YES + YES:
        _erase(turn, me)
        return
    wanted = erasing.linked(turn.session, me)
    sure = step == YES
    label = N_("Yes, erase it for good") if sure else N_("Erase what leads to me")
    turn.edit(
        "privacy/forget.html",
        rows=[
            [Button(turn.label(label), f"{FORGET}:{step}{YES}")],
            [Button(turn.label("Keep it"), "pv")],
        ],
        sure=sure,
        answers=wanted.answers,
        visits=wanted.visits,
        organisation=the_organisation(turn.session).name,
    )


def _erase(turn: Turn, person_id: int) -> None:
    went = erasing.erase(turn.session, person_id, now=turn.now)
    turn.who = None
    turn.edit("privacy/erased.html", nothing=went is None)
    turn.call("deleteMyCommands", scope={"type": "chat", "chat_id": turn.chat_id})


def _anonymous_audiences(turn: Turn) -> set[str]:
    """Return the audiences whose newest questionnaire promises anonymity."""
    rows = turn.session.execute(
        select(col(QuestionnaireVersion.audience), col(QuestionnaireVersion.anonymous)).order_by(
            col(QuestionnaireVersion.id)
        )
    )
    newest = {"customer": True, "staff": True, "manager": False, "partner": True}
    newest.update({row.audience: row.anonymous for row in rows})
    return {audience for audience, anonymous in newest.items() if anonymous}

"""The organisation and its units: set up once, found by name afterwards."""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.errors import InputError
from bot.core.i18n import LANGUAGES, NAMES
from bot.core.visible import UNSEEN, shows
from bot.people.tables import OPEN, REGION, UNIT, Organisation, Unit
from bot.people.zones import known_zone

ORGANISATION_NAME, UNIT_NAME, NAME_KEY = 120, 80, 120
"""How many characters the names may have; the key of a unit's name can be longer than the name."""

UNITS, REGIONS = (UNIT,), (REGION,)

WHOLE = "*"
"""Stands for the whole organisation in reports, so no unit can be called so."""


def set_up(
    session: Session,
    *,
    name: str,
    units: Sequence[str],
    zone: str,
    language: str,
    now: datetime,
) -> Organisation:
    """Create the organisation with its units and the key that signs its buttons.

    Raises
    ------
    InputError
        When there is an organisation already, or a name, the zone or the language does not fit.
    """
    there = find_organisation(session)
    if there is not None:
        raise _set_up_already(f", for '{there.name}'")
    organisation = Organisation(
        name=_plain_name(name, place="--organisation", most=ORGANISATION_NAME),
        zone=known_zone(zone, "--zone"),
        language=_known_language(language),
        secret=secrets.token_urlsafe(32),
        created_at=now,
    )
    session.add(organisation)
    if not units:
        raise InputError(
            "S403", "--unit", "no unit is named.", "Name at least one, as --unit Main."
        )
    for unit in units:
        create_unit(session, unit)
    session.flush()
    return organisation


def find_organisation(session: Session) -> Organisation | None:
    """Return the organisation, or None before it is set up."""
    return session.get(Organisation, 1)


def the_organisation(session: Session) -> Organisation:
    """Return the organisation, or say how to set one up."""
    organisation = find_organisation(session)
    if organisation is None:
        raise not_set_up()
    return organisation


def lock_organisation(session: Session) -> None:
    """Take the one lock of the organisation until the transaction ends.

    Whoever changes the tree or a role takes it before reading, so that of two who act at once the
    second sees what the first did.
    """
    session.execute(select(Organisation.id).with_for_update())


def not_set_up() -> InputError:
    """Say that there is no organisation yet, and how to make one."""
    return InputError(
        "S402",
        "GAPBOT_DATABASE_URL",
        "nothing is set up in this database yet.",
        "Run gapbot init --organisation NAME --unit NAME first.",
    )


def create_unit(
    session: Session,
    name: str,
    *,
    zone: str | None = None,
    kind: str = UNIT,
    parent_id: int | None = None,
) -> Unit:
    """Add a unit, or a region; ``parent_id`` is the region it lies in.

    Raises
    ------
    InputError
        When the name is empty, too long, taken (case and spaces do not tell names apart) or ``*``.
    """
    plain, key = checked_name(session, name)
    unit = Unit(
        name=plain,
        name_key=key,
        zone=known_zone(zone, "--zone") if zone else None,
        kind=kind,
        parent_id=parent_id,
    )
    session.add(unit)
    session.flush()
    return unit


def gather_units(session: Session, *, name: str) -> Unit:
    """Lay all that stands open at the top into one region there, which tells the whole's figures.

    The region of this name is made if there is none; where a unit bears the name, a sum sign tells
    the region apart.

    Raises
    ------
    InputError
        When the name is empty, too long or ``*``.
    """
    top = session.exec(select(Unit).where(col(Unit.parent_id).is_(None), Unit.state == OPEN)).all()
    named = _by_key(session, name_key(name))
    if named in top and named is not None and named.kind == REGION:
        region = named
    else:
        region = create_unit(session, f"∑ {name}" if named else name, kind=REGION)
    for one in top:
        if one is not region:
            one.parent_id = region.id
            session.add(one)
    session.flush()
    return region


def checked_name(session: Session, name: str) -> tuple[str, str]:
    """Return a new unit's name as it is kept, and its key; the errors are ``create_unit``'s."""
    plain = _plain_name(name, place="--unit", most=UNIT_NAME)
    key = name_key(plain)
    if len(key) > NAME_KEY:
        raise InputError(
            "S403", "--unit", f"the name '{plain}' is too long.", "Take a shorter one."
        )
    if plain == WHOLE:
        raise InputError(
            "S403", "--unit", "'*' means all units together.", "Give the unit a name of its own."
        )
    if _by_key(session, key) is not None:
        raise InputError(
            "S403", "--unit", f"there is a unit '{plain}' already.", "Name each unit once."
        )
    return plain, key


def unit_named(session: Session, name: str, *, kinds: Sequence[str] = UNITS) -> Unit:
    """Find an open unit by its name, whatever its case; a region only where ``kinds`` says so.

    Raises
    ------
    InputError
        When there is none; the nearest names are in the cure.
    """
    unit = unit_of_any_state(session, name, kinds=kinds)
    if unit.state != OPEN:
        raise InputError("S404", "--unit", f"'{unit.name}' was {unit.state}.", "Name an open one.")
    return unit


def unit_of_any_state(
    session: Session, name: str, *, kinds: Sequence[str] = (*UNITS, *REGIONS)
) -> Unit:
    """Like ``unit_named``, closed and merged ones too; the errors are the same."""
    unit = _by_key(session, name_key(name))
    if unit is None:
        raise InputError(
            "S404", "--unit", f"there is no unit '{name}'.", _nearest(name, all_units(session))
        )
    if unit.kind not in kinds:
        raise InputError(
            "S404",
            "--unit",
            f"'{unit.name}' is a {unit.kind}.",
            f"Name a {' or a '.join(kinds)}.",
        )
    return unit


def all_units(session: Session) -> list[Unit]:
    """Return the units where people are asked, by name: no regions, nothing that was closed."""
    return list(session.exec(open_units()))


def open_units(kind: str = UNIT) -> SelectOfScalar[Unit]:
    """Return the query for the open units, or regions, by name; it can be narrowed further."""
    is_open = select(Unit).where(Unit.kind == kind, Unit.state == OPEN)
    return is_open.order_by(col(Unit.name_key))


def name_key(name: str) -> str:
    """Return a name as it is compared: without case, width of letters and what is not seen."""
    return clean(unicodedata.normalize("NFKC", name).casefold())


def clean(text: str) -> str:
    """Return a name without control characters, without marks that turn the direction of the text
    around it, and with single spaces. Joiners stay: emoji and several scripts need them. Of what
    shows nothing at all nothing is left."""
    kept = (
        " " if one.isspace() else one
        for one in text
        if one.isspace() or one in "\u200c\u200d" or unicodedata.category(one) not in UNSEEN
    )
    return " ".join("".join(kept).split()) if shows(text) else ""


def _set_up_already(whose: str) -> InputError:
    return InputError(
        "S401",
        "gapbot init",
        f"this database is set up already{whose}.",
        "To let people in use gapbot invite; for another organisation name another database.",
    )


def _plain_name(name: str, *, place: str, most: int) -> str:
    plain = clean(name)
    if not plain:
        raise InputError("S403", place, "the name is empty.", "Give it at least one letter.")
    if len(plain) > most:
        raise InputError(
            "S403", place, f"the name has {len(plain)} characters.", f"Take {most} at most."
        )
    return plain


def _known_language(language: str) -> str:
    for code in LANGUAGES:
        if code.casefold() == language.strip().replace("_", "-").casefold():
            return code
    shipped = ", ".join(f"{code} ({name})" for code, name in NAMES.items())
    raise InputError(
        "S407", "--language", f"'{language}' is not a shipped language.", f"Take one of {shipped}."
    )


def _by_key(session: Session, key: str) -> Unit | None:
    return session.exec(select(Unit).where(Unit.name_key == key)).one_or_none()


def _nearest(name: str, units: list[Unit]) -> str:
    by_key = {unit.name_key: unit.name for unit in units}
    near = get_close_matches(name_key(name), by_key, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(by_key[key] for key in near)}?"
    shown = ", ".join(unit.name for unit in units[:8])
    return f"There are: {shown}{', ...' if len(units) > 8 else ''}."

"""What the clock does for the registers; every ten minutes is often enough."""

from datetime import datetime

from sqlmodel import Session

from bot.registers.desk import RegisterDesk
from bot.registers.opinions import ask_staff, forget_cards


def ask_about_rules(session: Session, now: datetime, desk: RegisterDesk) -> int:
    """Ask staff about the month's rules, and forget the questions of months that are over."""
    forget_cards(session, now)
    return ask_staff(session, now, desk)

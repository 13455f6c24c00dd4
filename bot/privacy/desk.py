"""What the privacy feature works by: how long each kind of data is kept."""

from dataclasses import dataclass

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class PrivacyDesk:
    """Days for which each kind of data is kept, as the settings have it."""

    deliveries: int = 90
    asked: int = 400
    named: int = 730
    comments: int = 730
    issues: int = 730
    cases: int = 180
    audit: int = 730
    invitations: int = 90
    digests: int = 730
    visits: int = 730


def privacy_desk(settings: Settings) -> PrivacyDesk:
    """Take over what the settings say."""
    return PrivacyDesk(
        deliveries=settings.keep_deliveries_days,
        asked=settings.keep_asked_days,
        named=settings.keep_named_days,
        comments=settings.keep_comments_days,
        issues=settings.keep_issues_days,
        cases=settings.case_days_kept,
        audit=settings.keep_audit_days,
        invitations=settings.keep_invitations_days,
        digests=settings.keep_digests_days,
        visits=settings.keep_visits_days,
    )

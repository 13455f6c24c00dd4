"""Every setting, read once from the environment and ``.env``; all carry the prefix GAPBOT_."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import SettingError
from bot.core.keyfile import NAME as KEY_FILE
from bot.core.keyfile import keyring_of
from bot.core.keyring import Keyring

# These may hold a secret: an error names them and does not quote them.
_NEVER_SHOWN = frozenset(
    {"token", "database_url", "key", "proxy", "telegram_api", "transcribe", "transcribe_key"}
)
_BUDGET_FORM = re.compile(
    r"(?P<role>manager|staff|customer|partner)=(?P<days>\d{1,3})/(?P<most>\d{1,3})"
)
_TOKEN_FORM = re.compile(r"\d+:[A-Za-z0-9_-]+")


class Settings(BaseSettings):
    """What an operator may set. ``.env.example`` and the docs are kept equal to this class."""

    model_config = SettingsConfigDict(
        env_prefix="GAPBOT_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    token: SecretStr = Field(SecretStr(""), description="The bot's token from @BotFather.")
    telegram_api: str = Field(
        "https://api.telegram.org",
        description="Address of the Telegram server, without /bot<token>.",
    )
    database_url: str = Field(
        "",
        description="sqlite:///FILE or postgresql://...; empty: a SQLite file in GAPBOT_DATA.",
    )
    data: Path = Field(Path("data"), description="Folder for everything else the bot writes.")
    key: SecretStr = Field(
        SecretStr(""),
        description="Key that seals names and texts; empty: the file gapbot.key in GAPBOT_DATA.",
    )
    http_port: int = Field(
        0, ge=0, le=65535, description="Port of the event API and of GET /health; 0: closed."
    )
    http_host: str = Field(
        "127.0.0.1", description="Address the event API listens at; the machine itself alone."
    )
    http_client: Literal["aiohttp", "httpx"] = Field(
        "aiohttp", description="HTTP client towards Telegram: aiohttp (fast) or httpx (stock)."
    )
    proxy: str = Field("", description="HTTP proxy towards Telegram, empty for none.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much is logged to standard error."
    )
    messages_per_second: float = Field(
        25.0, gt=0, le=1000, description="Messages a second over all chats; Telegram allows 30."
    )
    window_weeks: int = Field(
        4, ge=1, le=52, description="Weeks of customers' and staff's answers a report looks at."
    )
    managers_window_weeks: int = Field(
        13, ge=1, le=104, description="Weeks of managers' answers a report looks at."
    )
    digest_hour: int = Field(
        8, ge=0, le=23, description="Local hour of the Monday digest, in each manager's zone."
    )
    quiet_from: int = Field(
        21, ge=0, le=23, description="Local hour from which nothing is sent unasked."
    )
    quiet_until: int = Field(
        8, ge=0, le=23, description="Local hour until which nothing is sent unasked."
    )
    contact_days_apart: int = Field(
        7, ge=1, le=90, description="Days between any two things a person is asked unasked."
    )
    contact_most: int = Field(
        2, ge=1, le=60, description="How often a person is asked at most within that many days."
    )
    contact_within_days: int = Field(
        30, ge=1, le=365, description="The days within which GAPBOT_CONTACT_MOST counts."
    )
    contact_by_role: str = Field(
        "manager=2/6",
        description="Other budgets by role: days apart, slash, how often at most; commas between.",
    )
    holidays: str = Field(
        "",
        description="Country whose public holidays are kept, as DE or DE-BY; empty: none.",
    )
    check_weeks: int = Field(
        6, ge=2, le=52, description="Weeks after which one looks whether an action worked."
    )
    told_days: int = Field(
        28, ge=7, le=365, description="Days between two notes of a unit on what was done."
    )
    case_threshold: int = Field(
        2,
        ge=0,
        le=6,
        description="Highest rating at which a customer is offered contact; 0: never.",
    )
    case_hours: int = Field(
        48, ge=1, le=720, description="Hours within which somebody answers a customer's case."
    )
    case_days_kept: int = Field(
        180, ge=1, le=3650, description="Days for which the texts of a closed case are kept."
    )
    forecast_day: Literal["thu", "fri", "sat", "sun", "off"] = Field(
        "fri", description="Day on which managers are asked for a forecast; off: never."
    )
    forecast_hour: int = Field(
        15, ge=0, le=23, description="Local hour at which managers are asked for a forecast."
    )
    issue_acknowledge_days: int = Field(
        3, ge=1, le=60, description="Days within which a manager is to have seen a report of staff."
    )
    issue_resolve_days: int = Field(
        21, ge=1, le=365, description="Days within which a report of staff is to be resolved."
    )
    keep_deliveries_days: int = Field(
        90,
        ge=30,
        le=3650,
        description="Days for which it is kept what was sent to whom.",
    )
    keep_asked_days: int = Field(
        400, ge=60, le=3650, description="Days for which it is kept who was asked, and why not."
    )
    keep_named_days: int = Field(
        730, ge=30, le=3650, description="Days after which named answers lose their name."
    )
    keep_comments_days: int = Field(
        730, ge=30, le=3650, description="Days for which comments are kept."
    )
    keep_issues_days: int = Field(
        730, ge=90, le=3650, description="Days for which the words of a settled report are kept."
    )
    keep_audit_days: int = Field(
        730, ge=90, le=3650, description="Days for which it is kept who changed or saw what."
    )
    keep_invitations_days: int = Field(
        90, ge=1, le=3650, description="Days for which an invitation is kept after it has expired."
    )
    keep_digests_days: int = Field(
        730, ge=90, le=3650, description="Days for which it is kept who was sent which digest."
    )
    keep_visits_days: int = Field(
        730,
        ge=30,
        le=3650,
        description="Days for which visits are kept, and customers without.",
    )
    invitation_days: int = Field(
        30, ge=1, le=3650, description="Days for which an invitation link works."
    )
    scan_delay_minutes: int = Field(
        180, ge=0, le=10080, description="Minutes after which who came in by a poster is asked."
    )
    allocation: Literal["adaptive", "balanced"] = Field(
        "adaptive",
        description="How questions are chosen: adaptive (fewest taps) or balanced (by turns).",
    )
    questionnaires: Path = Field(
        Path(), description="Folder of questionnaire files; empty: the shipped ones."
    )
    social_responsibility: bool = Field(
        False, description="true: ask about social responsibility too, the sixth dimension."
    )
    fixes: Path = Field(
        Path(), description="Folder of your own fix files, beside the shipped ones; empty: none."
    )
    sector: Literal["none", "hospitality", "clinic", "shop", "public_office"] = Field(
        "none", description="Sector whose words the shipped fixes use; none: plain words."
    )

    transcribe: str = Field(
        "",
        description="Address of a service that puts recordings into words; empty: none does.",
    )
    transcribe_key: SecretStr = Field(SecretStr(""), description="The key of that service.")
    transcribe_model: str = Field("whisper-1", description="The model that service is to use.")

    @field_validator("telegram_api")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        if not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address with http:// or https:// is wanted")
        bare = value.rstrip("/")
        if re.search(r"/bot[^/]*$", bare):
            raise ValueError("the address is wanted without /bot<token>")
        return bare

    @field_validator("transcribe")
    @classmethod
    def _address_of_service(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address with http:// or https:// is wanted")
        return value.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _http_proxy(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address with http:// or https:// is wanted")
        return value

    @field_validator("contact_by_role")
    @classmethod
    def _budgets_by_role(cls, value: str) -> str:
        _read_budgets(value)
        return value

    @field_validator("holidays")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if value and not _has_holidays(value):
            raise ValueError("a country's code is wanted, as DE, or one of its parts, as DE-BY")
        return value

    @field_validator("token")
    @classmethod
    def _without_space(cls, value: SecretStr) -> SecretStr:
        return SecretStr(value.get_secret_value().strip())

    def database_address(self) -> str:
        """Return the database's address; without a setting, a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'gapbot.sqlite'}"

    def keyring(self) -> Keyring:
        """Return the keys that seal names and texts: of the setting, or else of the key file."""
        return keyring_of(self.key.get_secret_value(), self.data / KEY_FILE)

    def contact_roles(self) -> dict[str, tuple[int, int]]:
        """Return by role the days apart and how often at most, where they are not as for all."""
        return _read_budgets(self.contact_by_role)

    def token_text(self) -> str:
        """Return the token, or say what is missing."""
        token = self.token.get_secret_value()
        if not token:
            raise SettingError(
                "S101",
                "GAPBOT_TOKEN",
                "no token is set.",
                "Get one from @BotFather and put it into .env, or try ./run.sh demo without one.",
            )
        if not _TOKEN_FORM.fullmatch(token):
            raise SettingError(
                "S102",
                "GAPBOT_TOKEN",
                "this does not have the form of a token (digits:letters).",
                "Copy it again from @BotFather.",
            )
        return token


def _read_budgets(written: str) -> dict[str, tuple[int, int]]:
    budgets = {}
    for part in filter(None, (one.strip() for one in written.split(","))):
        found = _BUDGET_FORM.fullmatch(part)
        if found is None or not int(found["days"]) or not int(found["most"]):
            raise ValueError("budgets are wanted as manager=2/6, staff=14/1")
        budgets[found["role"]] = int(found["days"]), int(found["most"])
    return budgets


def _has_holidays(country: str) -> bool:
    from holidays import list_supported_countries

    code, _, part = country.partition("-")
    parts = list_supported_countries().get(code)
    return parts is not None and (not part or part in parts)


def read_settings() -> Settings:
    """Read the environment and ``.env``, or say which setting is wrong and how to mend it.

    Raises
    ------
    SettingError
        S100 for a value that does not fit, S106 for a file that is no text.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _unfit(error.errors()[0]) from None
    except UnicodeDecodeError:
        raise SettingError(
            "S106", ".env", "the file is not text in UTF-8.", "Save it again as UTF-8."
        ) from None


def _unfit(problem: ErrorDetails) -> SettingError:
    field = str(problem["loc"][0])
    found = "" if field in _NEVER_SHOWN else f"'{problem['input']}' does not fit: "
    wanted = problem["msg"].removeprefix("Value error, ")
    default = Settings.model_fields[field].default
    return SettingError(
        "S100",
        f"GAPBOT_{field.upper()}",
        f"{found}{wanted[:1].lower()}{wanted[1:]}.",
        "Correct it, or leave it out"
        + (f" for {default}" if field not in _NEVER_SHOWN and str(default) else "")
        + "; docs/reference/settings.md says what it takes.",
    )

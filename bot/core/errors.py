"""The errors of the bot, drawn as a tree.

    GapbotError                what a person at the command line may read: place, cause, cure, code
    ├── SettingError    S1xx   a setting is missing or wrong
    ├── StorageError    S2xx   the database or the disk does not do its part
    ├── TelegramDown    S3xx   the Telegram server cannot be reached or refuses the token
    ├── InputError      S4xx   something named on the command line does not exist or does not fit
    └── QuestionnaireError Q   a questionnaire file is wrong (bot.surveys.check)

An error never holds a token, an answer or markup. Too little data is a result, not an error.
"""


class GapbotError(Exception):
    """An error that names its place, its cause and its cure, and carries a stable code."""

    exit_code = 70

    def __init__(self, code: str, place: str, cause: str, cure: str) -> None:
        """Keep the four parts apart, so that they can be tested and translated."""
        super().__init__(f"{place}: {cause} {cure} [{code}]")
        self.code = code
        self.place = place
        self.cause = cause
        self.cure = cure


class SettingError(GapbotError):
    """A setting is missing or wrong."""

    exit_code = 78


class StorageError(GapbotError):
    """The database or the disk does not do its part."""

    exit_code = 74


class TelegramDown(GapbotError):  # noqa: N818 - a state of the world, read as one
    """The Telegram server cannot be reached, or refuses the token."""

    exit_code = 69


class InputError(GapbotError):
    """Something named on the command line does not exist or does not fit."""

    exit_code = 64

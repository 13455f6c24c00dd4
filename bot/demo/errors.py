"""The errors of the offline chat, drawn as a tree.

Exception
├── ApiError             a refusal in the words of Telegram's Bot API
├── ConnectionFault      a fault that was switched on by hand
│   ├── Dropped          the connection closed, nothing was done
│   ├── AnswerLost       the work was done, the answer never comes
│   └── BadGateway       a proxy answered in place of the server
├── ImpossibleAct        a person did what no Telegram app would let them do
└── ServerNotStarted     the page's server cannot listen where it was told to
"""


class ApiError(Exception):
    """A refusal: status code and description as Telegram words them."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        """``retry_after`` is in seconds and goes into the answer's parameters."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class ConnectionFault(Exception):  # noqa: N818 - the tree says what they are
    """The call does not end in an answer of the server."""


class Dropped(ConnectionFault):
    """The connection was closed before the call was served."""


class AnswerLost(ConnectionFault):
    """The call was served, and its answer is lost on the way."""


class BadGateway(ConnectionFault):
    """Something in front of the server answered 502."""


class ImpossibleAct(Exception):  # noqa: N818 - reads as what it is
    """A person did something that an app does not offer."""


class ServerNotStarted(Exception):  # noqa: N818 - reads as what it is
    """The server cannot listen; the text names place, cause and cure."""


def bad_request(words: str) -> ApiError:
    """Return the refusal "Bad Request: ..." with these words."""
    return ApiError(400, f"Bad Request: {words}")

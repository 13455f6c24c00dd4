"""The parameters of one Bot API call, whichever way they came: query, form, JSON or in process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.demo.errors import bad_request
from bot.demo.files import Upload


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values are texts (forms) or plain data (JSON); both read the same."""

    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a text, empty when it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number, the default when it is missing or no number."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Return a truth value, as Telegram reads it."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def structure(self, name: str, *, called: str) -> Any:
        """Return JSON as plain data, None when it is missing.

        Raises
        ------
        ApiError
            "can't parse ... JSON object", with ``called`` for the dots.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {called} JSON object") from None

    def upload(self, reference: str) -> Upload | None:
        """Return the uploaded file that a field's name or ``attach://name`` refers to."""
        return self.files.get(reference.removeprefix("attach://"))

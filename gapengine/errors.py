"""What the engine refuses.

EngineError
├── AnswersError            columns that cannot be answers: shapes, codes or scores out of range
├── MixedMomentsError       moments that do not belong together, or more taken away than was there
├── UnreadableMomentsError  bytes that are not moments of a known version
└── SettingsError           floors, weights, confidence or dimensions that cannot be used

Too little data is no error: it is a result (a suppressed cell).
"""


class EngineError(ValueError):
    """Root of everything the engine raises on purpose."""


class AnswersError(EngineError):
    """The columns handed in cannot be answers."""


class MixedMomentsError(EngineError):
    """Two moments cannot be merged or subtracted."""


class UnreadableMomentsError(EngineError):
    """Bytes are not moments, or of a version this engine does not know."""


class SettingsError(EngineError):
    """A setting of the analysis is outside what the engine allows."""

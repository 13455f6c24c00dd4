"""The offline chat: a small, strict Telegram of the project's own, for the demo and the tests."""

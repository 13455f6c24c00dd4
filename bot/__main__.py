"""``python -m bot`` is the command ``gapbot``."""

from bot.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

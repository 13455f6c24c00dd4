"""What the bot says and hears over HTTP: health, events that come in, events that go out."""

"""The how-to is true: its calls are taken by a bot that listens, its snippet checks signatures."""

import asyncio
import os
import re
import socket
import time
from pathlib import Path
from typing import Any

from bot.crm.tables import Customer
from bot.web import integrations
from bot.web.server import serve
from bot.web.telling import signature
from tests.support.surveys import House
from tests.web.conftest import web_of

GUIDE = (Path(__file__).parents[2] / "docs/how-to/connect-your-crm.md").read_text("utf-8")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


async def curl(command: str, key: str, port: int) -> str:
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        command.replace(":8090/", f":{port}/").replace(
            "curl -sS", "curl -sS --retry-connrefused --retry 20 --retry-delay 0 --retry-max-time 5"
        ),
        env=os.environ | {"GAPBOT_KEY_OF_TILL": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


async def test_the_calls_of_the_guide_are_taken_over_a_real_socket(one_house: House) -> None:
    made = one_house.database.run(
        lambda session: integrations.add(session, "till system", now=one_house.now)
    )
    calls = re.findall(r"```bash\n(.*?)```", GUIDE, re.DOTALL)
    port = free_port()
    serving = asyncio.create_task(
        serve(web_of(one_house, one_house.database).app(), host="127.0.0.1", port=port)
    )

    said = [await curl(one, made.key, port) for one in calls]
    health = await curl("curl -sS http://127.0.0.1:8090/health", made.key, port)
    serving.cancel()
    await asyncio.wait({serving}, timeout=5)

    assert len(said) == 3
    assert '"invitation": "https://t.me/gap_bot?start=' in said[0]
    assert said[1] == '{"asking": "waiting", "reason": "", "result": "new"}'
    assert said[2] == '{"result": "erased"}'
    assert '"status": "ready"' in health
    assert one_house.rows(Customer) == []


def test_the_snippet_of_the_guide_believes_what_is_signed_and_nothing_else() -> None:
    snippet = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert snippet
    names: dict[str, Any] = {}
    exec(snippet.group(1), names)  # noqa: S102 - the page's own code
    is_ours = names["is_ours"]
    body, at = b'{"id": "evt_1"}', int(time.time())
    headers = {"Gapbot-Timestamp": str(at), "Gapbot-Signature": f"v1={signature('s', at, body)}"}

    assert is_ours("s", headers, body)
    assert not is_ours("other", headers, body)
    assert not is_ours("s", headers, body + b" ")
    assert not is_ours("s", headers, body, now=at + 301)
    assert not is_ours("s", headers | {"Gapbot-Timestamp": str(at + 1)}, body)

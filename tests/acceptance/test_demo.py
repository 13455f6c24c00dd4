"""The demo as a newcomer starts it: once by itself, and for as long as one likes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp

from tests.acceptance.conftest import ROOT

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


async def _start(folder: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", *words),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_whole_loop_plays_once_and_prints_the_digest(tmp_path: Path) -> None:
    demo = await _start(tmp_path, "--once", "--lang", "es", "--out", "pictures")

    out, err = await asyncio.wait_for(demo.communicate(), 150)

    assert demo.returncode == 0, err.decode()
    assert out.decode().count("✓") == 9
    assert "Ribera" in out.decode()
    assert [one.suffix for one in (tmp_path / "pictures").iterdir()] == [".png", ".png"]


async def test_the_page_is_served_until_ctrl_c(tmp_path: Path) -> None:
    demo = await _start(tmp_path)
    assert demo.stdout is not None
    line = (await asyncio.wait_for(demo.stdout.readline(), 60)).decode()
    address = line.split()[1]

    async with aiohttp.ClientSession() as session, session.get(address) as page:
        shown = await page.text()
    demo.send_signal(signal.SIGINT)
    await asyncio.wait_for(demo.communicate(), 15)

    assert "<title>" in shown
    assert demo.returncode == 0

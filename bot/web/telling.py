"""Sending what integrations are told: signed, tried again with growing pauses, dead after a day.

The rows are the truth: a message is claimed, posted, settled. One whose process died on the way is
sent again, so it may come twice; its ``id`` tells.
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.core import audit, notices
from bot.core.clock import Clock
from bot.core.database import WriteLane
from bot.core.logs import Events
from bot.people.roster import owners
from bot.web.tables import Integration, Webhook

_log = Events("gapbot.web")

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 43200))
"""How long it rests after each failure; after the last one it is dead."""

AT_ONCE = 10
CLAIM = timedelta(seconds=60)
POST_SECONDS = 10
KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Message:
    """A claimed message, ready to be posted. ``secret`` never leaves this process."""

    id: int
    attempts: int
    kind: str
    address: str
    secret: str
    body: bytes


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal."""
    signed = f"{timestamp}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def claim(session: Session, now: datetime) -> list[Message]:
    """Reserve what is due; the conditional UPDATE is the lock. A dead process's claims run out."""
    session.execute(
        update(Webhook)
        .where(col(Webhook.state) == "sending", col(Webhook.claimed_until) < now)
        .values(state="queued", claimed_until=None)
    )
    due = session.execute(
        select(Webhook, Integration)
        .join(Integration, col(Integration.id) == col(Webhook.integration_id))
        .where(
            col(Webhook.state) == "queued",
            col(Webhook.due_at) <= now,
            col(Integration.revoked_at).is_(None),
        )
        .order_by(col(Webhook.due_at), col(Webhook.id))
        .limit(AT_ONCE)
        .with_for_update(of=Webhook, skip_locked=True)
    ).all()
    messages = []
    for hook, integration in due:
        hook.state, hook.claimed_until = "sending", now + CLAIM
        hook.attempts += 1
        session.add(hook)
        body = json.dumps(hook.body, ensure_ascii=False, sort_keys=True).encode()
        messages.append(
            Message(
                hook.id or 0,
                hook.attempts,
                hook.kind,
                integration.address,
                integration.secret,
                body,
            )
        )
    session.flush()
    return messages


def settle_sent(session: Session, message: Message) -> None:
    """Note that a message was taken; what it said is emptied."""
    _settle(session, message, state="sent", body={}, note="")


def settle_failed(session: Session, message: Message, why: str, *, now: datetime) -> None:
    """Put a message back for later; after the last try it is dead, and the owners are told."""
    if message.attempts <= len(PAUSES):
        later = now + PAUSES[message.attempts - 1]
        _settle(session, message, state="queued", due_at=later, note=why)
        return
    if not _settle(session, message, state="dead", note=why):
        return
    row = session.get_one(Webhook, message.id)
    name = session.get_one(Integration, row.integration_id).name
    audit.record(session, "webhook.dead", now=now, subject=f"webhook {message.id}", detail=why)
    for owner in owners(session):
        notices.notify(
            session,
            owner.id or 0,
            "web/dead.html",
            key=f"webhook dead:{row.integration_id}:{now:%Y-%m-%d}:{owner.id}",
            now=now,
            values={"integration": name, "why": why},
        )


def purge(session: Session, now: datetime) -> None:
    """Forget messages that were taken or given up, two weeks later."""
    session.execute(
        delete(Webhook).where(
            col(Webhook.state).in_(("sent", "dead")), col(Webhook.due_at) < now - KEPT
        )
    )


class Teller:
    """Posts what is due, again and again; one slow receiver holds up no other for long."""

    def __init__(self, lane: WriteLane, clock: Clock) -> None:
        """Prepare; the clock of the bot calls ``tell_due``."""
        self._lane = lane
        self._clock = clock

    async def tell_due(self) -> int:
        """Post what is due now; return how many messages were tried."""
        now = self._clock.now()
        messages = await self._lane.run(lambda session: claim(session, now))
        if messages:
            timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as client:
                await asyncio.gather(*(self._tell(client, message) for message in messages))
        return len(messages)

    async def _tell(self, client: aiohttp.ClientSession, message: Message) -> None:
        why = await self._posted(client, message)
        now = self._clock.now()
        if why:
            _log.warning("webhook.failed", webhook=message.id, why=why, attempts=message.attempts)
            await self._lane.run(lambda session: settle_failed(session, message, why, now=now))
        else:
            _log.info("webhook.sent", webhook=message.id, kind=message.kind)
            await self._lane.run(lambda session: settle_sent(session, message))

    async def _posted(self, client: aiohttp.ClientSession, message: Message) -> str:
        """Post one message; return why it was not taken, empty when it was."""
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Gapbot-Event": message.kind,
            "Gapbot-Timestamp": str(timestamp),
            "Gapbot-Signature": f"v1={signature(message.secret, timestamp, message.body)}",
        }
        try:
            async with client.post(
                message.address, data=message.body, headers=headers, allow_redirects=False
            ) as answer:
                return "" if 200 <= answer.status < 300 else f"status {answer.status}"
        except TimeoutError:
            return "no answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return type(error).__name__


def _settle(session: Session, message: Message, **values: Any) -> bool:
    """Change a message that is still ours."""
    done = session.execute(
        update(Webhook)
        .where(
            col(Webhook.id) == message.id,
            col(Webhook.state) == "sending",
            col(Webhook.attempts) == message.attempts,
        )
        .values(claimed_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]

"""The operator's connection to the bus, for commands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from deploy.ctl.trouble import Trouble
from deploy.local.folder import Folder, read_state
from deploy.local.outside import connect, without_credentials
from deploy.nats.permissions import OPERATOR


@contextlib.asynccontextmanager
async def bus(data: Path, nats_url: str | None) -> AsyncIterator[Client]:
    """The bus at `nats_url`, or where the data folder's system has it. Raises Trouble when it cannot be reached."""
    folder = Folder(data)
    url = nats_url or read_state(folder).get("nats_url", "")
    if not url:
        raise Trouble(f"No system ever ran in {folder.root}; say where the bus is with --nats-url.")
    user, password = "", ""
    if url == without_credentials(url) and (kept := folder.known_passwords()):
        user, password = OPERATOR, kept.nats[OPERATOR]
    try:
        client = await connect(url, user, password)
    except (NatsError, OSError, TimeoutError) as error:
        said = str(error) or type(error).__name__
        raise Trouble(f"The bus at {without_credentials(url)} cannot be reached: {said}.") from None
    try:
        yield client
    except (NatsError, TimeoutError) as error:
        raise Trouble(f"The bus did not do it: {str(error) or type(error).__name__}.") from error
    finally:
        await client.close()


async def ask(client: Client, subject: str, request: dict[str, Any], within: float) -> dict[str, Any]:
    """A service's answer to a request. Raises Trouble when there is none within so many seconds, or it is a no."""
    service = subject.partition(".")[0]
    try:
        reply = await client.request(subject, json.dumps(request).encode(), timeout=within)
        answer: dict[str, Any] = json.loads(reply.data)
    except NoRespondersError:
        raise Trouble(f"{service} does not listen on the bus; is it running?") from None
    except TimeoutError:
        raise Trouble(f"{service} did not answer within {within:.0f} s.") from None
    except ValueError:
        raise Trouble(f"{service} gave an answer that cannot be read.") from None
    if answer.get("ok") is False:
        raise Trouble(f"{service} says no: {answer.get('error', 'without a reason')}.")
    return answer

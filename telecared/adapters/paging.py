"""The last way to tell people: one plain post to an address, without the engine or a queue.

For a failure of the daemon itself. An ntfy topic, an Apprise server and most chat systems' hooks
take it. Nothing personal is ever in the text.
"""

from typing import Final

import aiohttp

from telecared.errors import GatewayError

PAGE_SECONDS: Final = 10.0
"""How long the other side may take."""


async def post_page(session: aiohttp.ClientSession, url: str, text: str) -> None:
    """Post a text; raises GatewayError when it was not taken, without the address."""
    timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS)
    headers = {"Content-Type": "text/plain; charset=utf-8", "Title": "telecared", "Priority": "5"}
    taken = False
    try:
        async with session.post(
            url, data=text.encode(), headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            taken = response.status < 300
    except (aiohttp.ClientError, TimeoutError):
        taken = False
    if not taken:
        raise GatewayError(
            "synthetic.page took nothing; check that the address is right and can be reached.",
            permanent=False,
        )

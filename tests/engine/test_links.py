"""A link's token leaves with the message and stands nowhere else; its secret is made once."""

from pathlib import Path

import pytest

from telecared.adapters.sqlite import SqliteReader, SqliteStore
from telecared.core.links import PLACEHOLDER, SECRET_BYTES, SECRET_KEY, token_of
from telecared.core.vocabulary import NotificationState
from telecared.errors import StoreError
from telecared.shard import _link_secret
from tests.engine.conftest import MakeNight
from tests.engine.scenery import PENDANT, plan_of
from tests.engine.test_outbox import Provider, office

URL = "https://care.example.org"
SECRET = bytes(SECRET_BYTES)


async def test_a_token_is_put_in_on_the_way_out_and_is_not_kept(night: MakeNight) -> None:
    """The provider gets the link; the store, the chain's contents and the record hold none."""
    async with night(plan=plan_of(PENDANT, link_url=URL), delivers=False) as it:
        provider = Provider()
        async with office(it, provider, link_secret=SECRET) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        sent = provider.taken[0]
        token = token_of(SECRET, sent.notification)
        assert sent.text.endswith(f" {URL}/r/{token}")
        kept = [one.record.text or "" for one in it.records("notification.queued")]
        assert [text.endswith(f"/r/{PLACEHOLDER}") for text in kept if URL in text] == [True]
    files = [one.read_bytes() for one in it.path.parent.iterdir() if one.is_file()]
    assert any(PLACEHOLDER.encode() in one for one in files)
    assert not any(token.encode() in one for one in files)


def fixed_salt() -> bytes:
    """Predictable, unlike the real one."""
    return bytes(range(SECRET_BYTES))


async def test_the_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """A restart makes no new one: links of before still open."""
    made = []
    for _ in range(2):
        store = SqliteStore(tmp_path / "telecared.db", salt=fixed_salt)
        made.append(await _link_secret(store, await store.load()))
        await store.close()
    assert made[0] == made[1]
    assert len(made[0]) == SECRET_BYTES
    assert SqliteReader(tmp_path / "telecared.db").remembered(SECRET_KEY) == made[0].hex()
    assert SqliteReader(tmp_path / "telecared.db").remembered("nothing") is None


async def test_a_store_that_cannot_keep_a_secret_now_starts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link is a help, not a reason for silence."""
    store = SqliteStore(tmp_path / "telecared.db", salt=fixed_salt)
    state = await store.load()

    async def refuse(key: str, value: str) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "remember", refuse)
    assert len(await _link_secret(store, state)) == SECRET_BYTES
    await store.close()

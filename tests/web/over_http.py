"""Somebody who uses the console over HTTP: signed in, with the secret of their forms."""

import csv
import html
import io
import re

import httpx

from tests.web.centre import Centre

_SECRET = re.compile(r'name="csrf" value="([^"]+)"')
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)


class Hand:
    """One person's session. Use it as a context manager."""

    def __init__(self, centre: Centre, name: str) -> None:
        self.client = httpx.Client(
            base_url=centre.url,
            cookies={"tc-session": centre.cookie(name)},
            headers={"Sec-Fetch-Site": "same-origin"},
            timeout=20,
        )
        self._secret = ""

    def __enter__(self) -> "Hand":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> httpx.Response:
        """Ask for a page; a redirect is followed."""
        return self.client.get(path, follow_redirects=True)

    def words(self, path: str) -> str:
        """Return the words of a page's main part, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, words_of(answer)[:300])
        return words_of(answer)

    def post(
        self, path: str, files: dict[str, object] | None = None, /, **form: str
    ) -> httpx.Response:
        """Send a form, with dots in names written as two underscores, and follow to its answer."""
        if not self._secret:
            found = _SECRET.search(self.get("/account").text)
            assert found is not None
            self._secret = found[1]
        fields = {name.replace("__", "."): value for name, value in form.items()}
        fields["csrf"] = self._secret
        return self.client.post(
            path,
            data=fields,
            files=files,  # type: ignore[arg-type]
            follow_redirects=True,
        )


def words_of(answer: httpx.Response) -> str:
    """Return the words of a page's main part, spaces run together."""
    main = _MAIN.search(answer.text)
    text = _TAG.sub(" ", main[0] if main else answer.text)
    return " ".join(html.unescape(text).split())


def table_of(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a file that was sent as CSV."""
    assert answer.headers["content-type"].startswith("text/csv"), answer.status_code
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

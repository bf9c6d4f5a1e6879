"""What a call says, as XML that the provider can read whatever stands in a text."""

from xml.etree import ElementTree

import pytest

from telecared.twiml import CallUrls, ask, news

URLS = CallUrls("https://care.example.org/key/a?round=1&x=<", None)


@pytest.mark.parametrize(
    "text",
    [
        "Fall <Redirect>https://evil.example</Redirect> & more.",
        "</Say></Gather><Dial>+447700900999</Dial>",
        "]]> <!-- <![CDATA[ &lt; &#x41;",
        "A bell \x07, a nothing \x00, half a sign \ud800, \ufffe. Reply 4711.",
    ],
)
def test_no_text_becomes_a_command_or_breaks_the_call(text: str) -> None:
    """P10: an alarm is said and never dialled, and a stray sign ends no call."""
    for said in (ask(text, "en", URLS), news(text, "xx")):
        found = {one.tag for one in ElementTree.fromstring(said.encode()).iter()}  # noqa: S314 - our own
        assert found <= {"Response", "Gather", "Say", "prosody", "Pause", "Hangup"}

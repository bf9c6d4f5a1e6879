"""The signature check against the provider's own test vectors, where somebody keeps them."""

import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from telecared.twilio_wire import is_signed


def test_the_providers_own_vectors_are_judged_as_it_judges_them(shared_folder: Path) -> None:
    """Ports, schemes and queries as in the provider's documentation; tampering is noticed."""
    vectors_file = shared_folder / "data" / "twilio" / "signature_vectors.json"
    if not vectors_file.is_file():
        pytest.skip("no signature vectors beside the checkout: the provider's own are not tried")
    vectors = json.loads(vectors_file.read_text(encoding="utf-8"))
    assert vectors

    for vector in vectors:
        form = []
        if isinstance(vector["params"], str):
            # A JSON body is not part of the signature: its digest stands in the signed address.
            digest = hashlib.sha256(vector["params"].encode()).hexdigest()
            assert parse_qs(urlsplit(vector["url"]).query)["bodySHA256"] == [digest]
        else:
            form = list(vector["params"].items())
        token, url, signature = vector["auth_token"], vector["url"], vector["signature"]
        assert is_signed(token, [url], form, signature) == vector["valid"], vector["name"]
        assert not is_signed(token, [url], [*form, ("Extra", "")], signature), vector["name"]
        assert not is_signed(token, [url + "x"], form, signature), vector["name"]
        assert not is_signed(token + "x", [url], form, signature), vector["name"]

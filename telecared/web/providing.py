"""The identity provider of a deployment, put together; the library is asked for only where one is.

What it does is `adapters.identity`.
"""

from importlib.util import find_spec
from typing import Final

from telecared.accounts_port import IdentityProvider
from telecared.adapters.entropy import salt
from telecared.config.deployment import Deployment
from telecared.config.secrets import resolve_secret
from telecared.errors import ConfigError

BACK: Final = "/sign-in/provider/back"
"""Where the provider sends people back to; it must be told so, too."""


def provider_of(deployment: Deployment) -> IdentityProvider | None:
    """Return the identity provider of a deployment, None where it names none.

    Raises:
        ConfigError: its secret is not where the deployment says, or its library is missing.
    """
    told = deployment.console.oidc
    if told is None:
        return None
    if find_spec("authlib") is None:
        raise ConfigError(["console.oidc needs a library: pip install 'telecared[oidc]'"])
    from telecared.adapters.identity import OidcProvider, ProviderSettings  # noqa: PLC0415 - extra

    secret = told.client_secret
    return OidcProvider(
        ProviderSettings(
            issuer=told.issuer,
            client_id=told.client_id,
            client_secret=(
                None if secret is None else resolve_secret(secret, folder=deployment.folder)
            ),
            claim=told.claim,
            scopes=told.scopes,
            label=told.label,
            ask_again=told.ask_again,
            back=f"{deployment.console.public_url}{BACK}",
        ),
        chance=salt,
    )

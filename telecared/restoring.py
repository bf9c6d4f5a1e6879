"""From what the store holds to the homes in memory, as they stood after the last input.

Nothing is decided: what became due meanwhile is the start's matter.
"""

from telecared.collecting import uncollected
from telecared.core.plan import Plan, decode_home, decode_plan
from telecared.core.site import SiteFacts, decode_site
from telecared.core.state import decode_state
from telecared.stepping import Homes
from telecared.store_port import Loaded


def restore_homes(loaded: Loaded, contents: dict[str, bytes]) -> Homes:
    """Return the homes of a store.

    Args:
        loaded: what the store holds.
        contents: hash -> plan or record, filled by whoever brings new ones.
    """
    site = decode_site(loaded.site) if loaded.site is not None else SiteFacts()
    plan = decode_plan(loaded.plan) if loaded.plan is not None else Plan()
    homes = Homes(plan, site, contents.__getitem__)
    with uncollected():
        for stored in loaded.homes:
            record = decode_home(stored.record) if stored.record else None
            state = decode_state(stored.state) if stored.state is not None else None
            homes.add(stored.home, record, state)
    return homes

"""Wall times as the clocks of the site show them: sessions and tokens know no engine time.

What happens in homes is told in engine time, by `pages`.
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.vocabulary import Instant
from telecared.core.windows import local
from telecared.web.visit import Visit

FORM: Final = "%a %d %b %Y %H:%M:%S %Z"


def shown_on_the_wall(visit: Visit) -> Callable[[Instant], str]:
    """Return what shows a wall time in the site's zone."""
    zone = ZoneInfo(visit.sight.plan.site_timezone)

    def shown(at: Instant) -> str:
        return local(at, zone, 0).strftime(FORM)

    return shown

"""One alert for the API: why it opened, who goes, what was sent, and what comes next.

The facts are those of the alert's page; here they only become objects.
"""

from telecared.core.windows import rfc3339
from telecared.web import api_lines as lines
from telecared.web.views.alert_facts import AlertFacts
from telecared.web.views.alert_ladder import Rung, ladder_of
from telecared.web.visit import Visit


def with_ladder(visit: Visit, home: str, n: int) -> lines.AlertWithLadder:
    """Return one alert. Raises NotThere."""
    facts = AlertFacts(visit, home, n)
    ladder = ladder_of(facts)
    opened, alert = facts.opened, facts.alert
    frozen = opened.text if opened is not None else None
    return lines.AlertWithLadder(
        alert=lines.alert_of(facts.row),
        text=(alert.text if alert is not None else frozen) or "",
        why=opened.reason if opened is not None else "",
        going=tuple(
            lines.Goer(
                name=one.by,
                contact=one.contact,
                since=rfc3339(one.at),
                until=rfc3339(one.until),
                minutes=one.minutes,
                arrived=lines.time_of(one.arrived),
            )
            for one in (alert.going if alert is not None else ())
        ),
        ladder=tuple(map(_step, ladder.rungs)),
        coming=tuple(lines.Coming(at=rfc3339(one.at), what=one.words) for one in ladder.coming),
        at_centre=lines.time_of(ladder.at_centre),
    )


def _step(rung: Rung) -> lines.Step:
    return lines.Step(
        number=rung.number,
        state=rung.state,
        names=rung.names,
        by=rung.by,
        at=lines.time_of(rung.at),
        tellings=tuple(
            lines.Telling(
                at=rfc3339(turn.at),
                why=turn.why,
                messages=tuple(
                    lines.Message(
                        id=one.id,
                        to=one.to,
                        channel=one.channel,
                        state=one.state,
                        text=one.text,
                        moments=tuple(
                            lines.Moment(at=rfc3339(moment.at), what=moment.words)
                            for moment in one.moments
                        ),
                    )
                    for one in turn.messages
                ),
            )
            for turn in rung.turns
        ),
    )

"""`devices`: every device of a home or of all homes: last heard, battery, link, what is overdue.

What is shown is read from the store; what is overdue is judged by `core.equipment`.
"""

from typing import Annotated

from cyclopts import Parameter

from telecared.adapters.system_clock import wall_now
from telecared.cli.common import (
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    reader_of,
    require_config,
)
from telecared.cli.device_lines import DeviceLine
from telecared.cli.output import count_of, put, say, short_time, table, time_text
from telecared.cli.store import log_read, reader_at
from telecared.config.deployment import load_deployment
from telecared.core.compile import HomePlan
from telecared.core.equipment import Standing, equipment
from telecared.core.plan import decode_home, decode_plan
from telecared.core.site import decode_site
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import SECOND, Value
from telecared.core.windows import duration_text
from telecared.errors import StoreError
from telecared.store_port import Loaded


def devices(
    home: Annotated[
        str | None,
        Parameter(name="HOME", show_default=False, help="One home, like larch-12; else all."),
    ] = None,
    /,
    *,
    overdue: Annotated[
        bool,
        Parameter(
            name="--overdue",
            negative=(),
            show_default=False,
            help="Only devices that are silent for too long, untested, or have an open alert.",
        ),
    ] = False,
    unknown: Annotated[
        bool,
        Parameter(
            name="--unknown",
            negative=(),
            show_default=False,
            help="Devices that speak and that nobody registered, as `telecared adopt` lists them.",
        ),
    ] = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List devices: last heard, battery, link, tests, and what is overdue. 1 when something is."""
    if unknown and overdue:
        raise UsageError("--unknown lists devices that nobody expects: leave out --overdue")
    deployment = load_deployment(require_config(config))
    path = deployment.store_path
    log_read(path, by=reader_of(by), what="devices", home=home)
    if unknown:
        from telecared.cli.importing import stored_homes
        from telecared.cli.strangers import show_strangers
        from telecared.config.load import load_plan

        loaded, homes = load_plan(deployment), stored_homes(path)
        if home is not None and home not in homes:
            raise UsageError(f"there is no home {home}: `telecared import` registers one")
        show_strangers(path, loaded, homes, home=home, as_json=as_json)
        return Exit.FINE
    found = _standings(reader_at(path).load(), home)
    wanted = [one for one in found if one[1].needs_attention or not overdue]
    if as_json:
        for name, one in wanted:
            put(_line(name, one))
    else:
        _show(wanted, found)
    return Exit.FINDINGS if any(one.needs_attention for _, one in found) else Exit.FINE


def _standings(loaded: Loaded, home: str | None) -> list[tuple[str, Standing]]:
    if loaded.plan is None:
        raise StoreError("nothing ran on this store yet: `telecared run` puts the rules in force")
    plan = decode_plan(loaded.plan)
    now = wall_now()
    if loaded.site is not None:
        now -= decode_site(loaded.site).offset(now)
    found: list[tuple[str, Standing]] = []
    for stored in loaded.homes:
        if stored.record is None or home not in (None, stored.home):
            continue
        state = HomeState(home=stored.home) if stored.state is None else decode_state(stored.state)
        compiled = HomePlan(plan, stored.home, decode_home(stored.record))
        found += [(stored.home, one) for one in equipment(compiled, state, now)]
    if home is not None and not found:
        known = {stored.home for stored in loaded.homes if stored.record is not None}
        if home not in known:
            raise UsageError(f"there is no home {home}: `telecared import` registers one")
    return found


def _line(home: str, one: Standing) -> DeviceLine:
    device, told = one.device, one.told
    return DeviceLine(
        home=home,
        device=device.id,
        kind=device.kind,
        location=device.location,
        profile=device.profile,
        model=device.model,
        heard_at=time_text(one.heard_at),
        battery=_level(told.get("battery")),
        link=_word(told.get("link")),
        radio=_level(told.get("radio")),
        mains=_word(told.get("mains")),
        tamper=_word(told.get("tamper")),
        missed=one.missed,
        may_be_silent_s=None if one.may_be_silent is None else one.may_be_silent / SECOND,
        silent_too_long=one.silent_too_long,
        tested_at=time_text(one.tested_at),
        test_by=time_text(one.test_by),
        test_overdue=one.test_overdue,
        alerts=[f"{home}/{n}" for n in one.alerts],
    )


def _level(value: Value | None) -> str | float | None:
    return value if isinstance(value, str | float) else None


def _word(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None


def _show(wanted: list[tuple[str, Standing]], found: list[tuple[str, Standing]]) -> None:
    if not wanted:
        say("nothing is overdue" if found else "no devices are registered")
        return
    columns = ("home", "device", "kind", "last heard", "battery", "link", "last test", "attention")
    rows = [
        (
            name,
            one.device.id,
            one.device.kind,
            short_time(one.heard_at) or "never",
            _shown(one.told.get("battery"), "%"),
            _shown(one.told.get("link"), ""),
            short_time(one.tested_at) or ("never" if one.test_by is not None else ""),
            _attention(name, one),
        )
        for name, one in wanted
    ]
    table(columns, rows)
    say("Times are UTC.")
    attention = sum(one.needs_attention for _, one in found)
    if attention:
        needs = "needs" if attention == 1 else "need"
        say(f"{attention} of {count_of(len(found), 'device')} {needs} attention.")


def _shown(value: Value | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:g} {unit}".strip() if isinstance(value, float) else str(value)


def _attention(home: str, one: Standing) -> str:
    words = []
    if one.silent_too_long and one.may_be_silent is not None:
        words.append(f"silent for more than {duration_text(one.may_be_silent)}")
    if one.test_overdue:
        words.append("test overdue")
    words += [f"{name}: {one.told[name]}" for name in ("mains", "tamper") if _bad(one, name)]
    if one.alerts:
        words.append("alert " + ", ".join(f"{home}/{n}" for n in one.alerts))
    return "; ".join(words)


def _bad(one: Standing, name: str) -> bool:
    return one.told.get(name) in ("lost", "open")

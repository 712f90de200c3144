"""Write the tables of docs/prices.md from the rows in src/penniless/cost/data.

    python scripts/make_prices.py

A table stands between `<!-- rows: name -->` and `<!-- end -->`; the text around it is left alone.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from penniless.cost.hosts import Host, hosts
from penniless.cost.plans import Plan, all_plans, money
from penniless.cost.prices import Allowance, Meter, Price, catalogue, dollars

PAGE = Path(__file__).resolve().parent.parent / "docs" / "prices.md"
REGIONS = ("us-east-1", "ap-northeast-1", "ap-southeast-1")
BLOCK = re.compile(r"(?<=<!-- rows: )(?P<name>\w+) -->\n.*?(?=<!-- end -->)", re.DOTALL)


def filled(text: str, day: date) -> str:
    """The page with its tables as the rows are on that day."""
    made = tables(day)
    return BLOCK.sub(lambda found: f"{found['name']} -->\n\n{made[found['name']]}\n\n", text)


def tables(day: date) -> dict[str, str]:
    """The tables by their names, in the order of the page."""
    return {
        "prices": price_table(day),
        "allowances": allowance_table(),
        "plans": plan_table(),
        "hosts": host_table(),
        "verdicts": "\n".join(host_entry(one) for one in hosts()),
    }


def price_table(day: date) -> str:
    """Every meter with its price in three regions."""
    rows = [["what is counted", "price", *REGIONS, "sure, read"]]
    for name in catalogue().meters():
        meter = catalogue().meter(name)
        found = [catalogue().price(name, region, day) for region in REGIONS]
        cells = [price_cell(one, meter) for one in found]
        known = [one for one in found if one is not None]
        rows.append([f"{meter.title} `{name}`", meter.pay, *cells, how_sure(known)])
    return markdown(rows)


def price_cell(price: Price | None, meter: Meter) -> str:
    if price is None:
        return "unknown"
    first, last = price.tiers[0].price * meter.scale, price.tiers[-1].price * meter.scale
    words = dollars(first) if first else "free"
    down = f", down to {dollars(last)}" if last < first else ""
    return f"[{words}]({price.source}){down}"


def how_sure(known: list[Price]) -> str:
    """The letters of the prices, once each, and the day of the one that was read first."""
    if not known:
        return ""
    letters = ", ".join(dict.fromkeys(one.confidence for one in known))
    return f"{letters}, {min(one.read for one in known)}"


def allowance_table() -> str:
    """What is free of charge."""
    rows = [["free each month", "of", "how long", "for each", "sure, read", ""]]
    rows += [allowance_row(one) for one in catalogue().every_allowance]
    return markdown(rows)


def allowance_row(one: Allowance) -> list[str]:
    titles = ["everything" if name == "*" else catalogue().title(name) for name in one.meters]
    units = one.unit if one.unit in {"GB", "USD"} else f"{one.unit}s"
    amount = f"[{one.amount:,} {units}]({one.source})"
    return [
        amount,
        " and ".join(titles),
        one.kind,
        one.scope,
        f"{one.confidence}, {one.read}",
        one.note,
    ]


def plan_table() -> str:
    """LINE's plans."""
    head = ["country", "plan", "a month", "messages in it", "one more", "sure, read", ""]
    return markdown([head, *[plan_row(one) for one in all_plans()]])


def plan_row(one: Plan) -> list[str]:
    return [
        one.country,
        f"[{one.name}]({one.source}) ({one.local_name}) `{one.id}`",
        f"{money(one.fee, one.currency)} {one.tax}",
        f"{one.included:,}",
        extra_cell(one),
        f"{one.confidence}, {one.read}",
        one.note,
    ]


def extra_cell(one: Plan) -> str:
    if one.extra_most is None:
        return "none can be bought"
    most = money(one.extra_most, one.currency)
    if one.extra_least is None:
        return f"up to {most}"
    least = money(one.extra_least, one.currency)
    return most if least == most else f"{least} to {most}"


def host_table() -> str:
    """What decides about a host, in one line each."""
    rows = [["host", "free", "wakes in 2 s", "for a business", "after the response", "Python"]]
    rows += [
        [
            one.name,
            one.requests,
            one.wakes_in_time,
            one.commercial,
            f"{one.after_response}: {one.after_response_words}",
            f"{one.python}: {one.python_words}",
        ]
        for one in hosts()
    ]
    return markdown(rows).replace("unknown: unknown", "unknown")


def host_entry(one: Host) -> str:
    """What else is known of a host, and where from."""
    links = ", ".join(f"[{n}]({url})" for n, url in enumerate(one.sources, 1))
    note = f" {one.note}" if one.note else ""
    return (
        f"- **{one.name}.** {one.verdict} CPU: {one.cpu}. Sleep: {one.sleep}. "
        f"Data kept: {one.data}. Next step: {one.paid}. "
        f"({one.confidence}, {one.read}; sources {links}.){note}"
    )


def markdown(rows: list[list[str]]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{' --- |' * len(rows[0])}", *body])


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), date.today()), encoding="utf-8")

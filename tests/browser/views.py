"""The views of the page, by what their addresses are and what says that they are drawn."""

import dataclasses

from system import BIRKEN, ELBTAL


@dataclasses.dataclass(frozen=True)
class View:
    name: str
    path: str
    drawn: str  # what is there once the view has what it shows


VIEWS = [
    View("portfolio", "/?group=portfolio:all", ".tile .value[data-exact]"),
    View("corporate-group", f"/?group=parent:{ELBTAL}&by=parent", "table[role=grid] tbody th"),
    View("account", f"/accounts/{BIRKEN}", "article.account svg"),
    View("explain", f"/?group=portfolio:all&why=revenue_t12m&of={ELBTAL}", "dialog[open] .why tfoot"),
    View("explain-since", f"/accounts/{BIRKEN}?why=health_score&of={BIRKEN}&since={{year_ago}}", "dialog[open] .why"),
    View("compare", "/compare", "table.compare td"),
    View("alerts", "/alerts", "main table tbody tr"),
    View("definitions", "/definitions", ".definition"),
    View("status", "/status", "main dl dd"),
    View("tokens", "/tokens", "main table tbody tr"),  # for administrators
]


def show(window, system, view):
    """Goes there, and waits until it is drawn and nothing says that it is loading."""
    year_ago = system.last_day.replace(year=system.last_day.year - 1, day=1)
    window.go(system.url(view.path.format(year_ago=year_ago)))
    window.until_there(view.drawn)
    window.until(lambda: not window.all("[aria-busy=true], p.empty[role=status]"), f"{view.name}: all of it")

"""The views of the page, by what their addresses are and what says that they are drawn."""

import dataclasses

from system import BIRKEN


@dataclasses.dataclass(frozen=True)
class View:
    name: str
    path: str
    drawn: str  # what is there once the view has what it shows


VIEWS = [
    View("portfolio", "/?group=portfolio:all", ".tile .value[data-exact]"),
    View("group", "/?group=parent:K-1003&by=parent", "table[role=grid] tbody th"),
]


def show(window, system, view):
    """Goes there, and waits until it is drawn and nothing says that it is loading."""
    window.go(system.url(view.path))
    window.until_there(view.drawn)
    window.until(lambda: not window.all("[aria-busy=true], .loading"), f"{view.name}: all of it")


# Where a company's account in trouble stands.
ACCOUNT_IN_TROUBLE = BIRKEN

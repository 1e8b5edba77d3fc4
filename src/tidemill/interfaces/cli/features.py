"""`tidemill features`: the catalog of a system's views, or one view or feature with what it is made of and for."""

from __future__ import annotations

from contextlib import ExitStack

import click

from tidemill.app.features import catalog, open_online, page
from tidemill.interfaces.cli import features_verify, option, screen
from tidemill.interfaces.cli.acts import Acting
from tidemill.interfaces.cli.catalog import catalog_page, feature_page
from tidemill.interfaces.cli.desk import opened


@click.command(
    "features",
    cls=Acting,
    acts={"verify": features_verify.command},
    epilog="tidemill features verify: what was answered online, computed anew from the data; 1 when anything differs.",
)
@click.argument("name", required=False)
@option.file
@option.environment
@option.as_json
def command(*, name: str | None, file: str | None, env: str | None, as_json: bool) -> None:
    """Shows every view: its features, which models see them, how fresh they are online; what is defined twice.

    NAME is a view or a feature (activity, activity.clicks_30d): the same of it alone, back to where its rows come from
    and on to what models make of it.
    """
    with opened(file, env) as desk, ExitStack() as closing:
        online = open_online(desk.settings)
        if online is not None:
            closing.callback(online.close)
        found = catalog(desk.system, desk.tables, online, now_us=desk.now_us())
        one = None if name is None else page(name, found, desk.system, desk.ledger)
        if as_json:
            screen.show_json(one or found)
        else:
            screen.show(*(feature_page(one, desk.zone) if one else catalog_page(found, desk.system, desk.zone)))

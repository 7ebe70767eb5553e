"""The command `hehuo`: what can be asked, in one screen. The work is done by the modules beside it."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.ctl import up as running
from deploy.ctl.trouble import Trouble
from deploy.local.refusal import Broken, Refused

app = typer.Typer(
    help="Runs and looks after the system of four lists: intake, dispatch, partners, evaluation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
aside_app = typer.Typer(help="Messages that no listener could apply: look at them, have them told again.")
app.add_typer(aside_app, name="aside", no_args_is_help=True)

Data = Annotated[
    Path, typer.Option("--data", envvar="HEHUO_DATA", help="The folder that holds everything of the system.")
]
Nats = Annotated[
    str | None,
    typer.Option(
        "--nats-url",
        envvar="HEHUO_NATS_URL",
        help="Where the bus is, if not where the data folder says; with an operator's credentials, or without: "
        "then the data folder's.",
    ),
]
Port = Annotated[int, typer.Option("--port", help="Where the gateway listens.")]
Replicas = Annotated[
    str,
    typer.Option("--replicas", metavar="SERVICE=N,…", help="How many processes, e.g. intake=2,dispatch=2."),
]
OwnMongo = Annotated[
    str | None,
    typer.Option("--mongo-url", help="Use this replica set (an administrator's URL) and start none."),
]
OwnNats = Annotated[
    str | None, typer.Option("--nats-url", help="Use this NATS (an operator's URL) and start none.")
]
HERE = Path(".hehuo")
PORT = 8600


@app.command()
def up(
    data: Data = HERE,
    port: Port = PORT,
    replicas: Replicas = "",
    mongo_url: OwnMongo = None,
    nats_url: OwnNats = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="The demonstration: partners who are made up, notices of a second."),
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return when all is ready; `hehuo down` ends it.")
    ] = False,
) -> None:
    """Start everything on this machine and keep it running. Ctrl-C drains and ends it.

    Variables HEHUO_<SERVICE>_<KNOB> of the environment reach the services, e.g. HEHUO_DISPATCH_TAKE_URGENT=PT10M; one
    that nobody reads is refused. It says which files are still the example's. With --demo it is the demonstration.
    """
    wish = running.Wish(data, port, running.parse_replicas(replicas), mongo_url, nats_url, demo)
    if detach:
        running.detach(wish)
    else:
        sys.exit(asyncio.run(running.stay_up(wish)))


@app.command()
def down(data: Data = HERE) -> None:
    """Drain and end the system that runs in the data folder."""
    running.down(data)


@app.command()
def status(data: Data = HERE, nats_url: Nats = None) -> None:
    """Show every process with its memory (PSS) and CPU time, and what waits on the bus."""
    from deploy.ctl.status import show

    asyncio.run(show(data, nats_url))


@app.command()
def demo(
    data: Data = HERE,
    port: Port = PORT,
    replicas: Replicas = "",
    mongo_url: OwnMongo = None,
    nats_url: OwnNats = None,
    leave: Annotated[
        bool, typer.Option("--exit", help="End the system after the play, for scripts.")
    ] = False,
    gateway_url: Annotated[
        str | None,
        typer.Option(
            "--gateway-url",
            envvar="HEHUO_GATEWAY_URL",
            help="Play on the system behind this gateway, as in containers; the data folder holds its keys.",
        ),
    ] = None,
) -> None:
    """Play the two golden cases through the gateway, each step as the person whose turn it is.

    If the system runs in the data folder already they are played on it; otherwise it is started, and stays up
    after the play until Ctrl-C.
    """
    wish = running.Wish(data, port, running.parse_replicas(replicas), mongo_url, nats_url, demo=True)
    sys.exit(asyncio.run(running.play(wish, leave=leave, gateway_url=gateway_url)))


@app.command()
def token(
    role: Annotated[str, typer.Option("--role", help="resident, community, partner, operator, …")],
    sub: Annotated[str, typer.Option("--sub", help="The person's id.")],
    area: Annotated[str | None, typer.Option("--area", help="Area path of staff: 370203/<street>/…")] = None,
    partner: Annotated[str | None, typer.Option("--partner", help="The partner whose member it is.")] = None,
    department: Annotated[str | None, typer.Option("--department", help="The department.")] = None,
    hours: Annotated[
        float, typer.Option("--hours", min=0.001, max=24 * 366, help="How long it is valid.")
    ] = 12,
    data: Data = HERE,
) -> None:
    """Print a demonstration token. Use it as `Authorization: Bearer …`."""
    from deploy.local import keys
    from deploy.local.folder import Folder

    try:
        made = keys.mint(
            Folder(data).keys,
            role=role,
            sub=sub,
            hours=hours,
            area=area,
            partner=partner,
            department=department,
        )
    except FileNotFoundError:
        raise Trouble(f"There is no key in {data} yet; `hehuo up` makes one at its first start.") from None
    except ValueError as error:
        raise Trouble(f"{str(error).capitalize()}.") from None
    if (missing := keys.missing(role, area=area, partner=partner, department=department)) is not None:
        typer.echo(
            f"Without --{missing} a {role} may touch nothing: this token is good for very little.", err=True
        )
    typer.echo(made)


@aside_app.command("list")
def aside_list(data: Data = HERE, nats_url: Nats = None) -> None:
    """List what was set aside, oldest first, with the reason."""
    from deploy.ctl.aside import show_all

    asyncio.run(show_all(data, nats_url))


@aside_app.command("given-up")
def aside_given_up(data: Data = HERE, nats_url: Nats = None) -> None:
    """List messages that used up their deliveries and were not told again yet: their sender does that by itself."""
    from deploy.ctl.given_up import show_all

    asyncio.run(show_all(data, nats_url))


@aside_app.command("show")
def aside_show(
    seq: Annotated[int, typer.Argument(help="The number that `aside list` shows.")],
    data: Data = HERE,
    nats_url: Nats = None,
) -> None:
    """Show one message with its headers and its body."""
    from deploy.ctl.aside import show_one

    asyncio.run(show_one(data, nats_url, seq))


@aside_app.command("replay")
def aside_replay(
    seq: Annotated[int | None, typer.Argument(help="The number that `aside list` shows.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was set aside.")] = False,
    data: Data = HERE,
    nats_url: Nats = None,
) -> None:
    """After the cause is mended: let the listener hear the order again, from where it stopped."""
    from deploy.ctl.aside import replay

    if (seq is None) == (not everything):
        raise Trouble("Say which: `hehuo aside replay SEQ`, or `hehuo aside replay --all`.")
    asyncio.run(replay(data, nats_url, seq))


@aside_app.command("drop")
def aside_drop(
    seq: Annotated[int, typer.Argument(help="The number that `aside list` shows.")],
    data: Data = HERE,
    nats_url: Nats = None,
) -> None:
    """Forget one message: for those that name no order, so that there is nothing to hear again."""
    from deploy.ctl.aside import drop

    asyncio.run(drop(data, nats_url, seq))


@app.command()
def replay(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]…", help="All without any.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="Only what happened since then; UTC unless it says otherwise.",
        ),
    ] = None,
    data: Data = HERE,
    nats_url: Nats = None,
) -> None:
    """Have services tell their histories again: after the bus lost its store, or for a new listener.

    Streams and consumers that are missing are made first. Whoever knows a message already takes no notice of it.
    """
    from deploy.ctl.replay import tell_again

    moment = since.replace(tzinfo=since.tzinfo or UTC).isoformat() if since else None
    asyncio.run(tell_again(data, nats_url, services or [], moment))


def main() -> None:
    """Run the command. Whatever goes wrong is one sentence: exit code 2 for what was refused, 1 for what failed."""
    try:
        app(prog_name="hehuo")
    except Refused as error:
        sys.exit(_say(str(error), 2))
    except (Trouble, Broken) as error:
        sys.exit(_say(str(error), 1))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(sentence: str, code: int) -> int:
    print(f"hehuo: {sentence}", file=sys.stderr)
    return code

"""What is set up here: logins to servers, which one is used, completion in a shell."""

import getpass
import socket
import sys
from pathlib import Path
from pkgutil import get_data
from typing import Annotated

from slipway_cli import contexts
from slipway_cli.api.client import Client, at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import SHELLS
from slipway_cli.contexts import Context
from slipway_cli.errors import Ended, Usage
from slipway_cli.language import _, told
from slipway_cli.printed.render import Column, out, say
from slipway_cli.session import Session, Settings, chosen_context

commands = Commands()
context_app = commands.group("context", "The servers you have logged in to.")

CONTEXTS = (Column("current", "current"), Column("name", "name"), Column("url", "url"))
LOCAL = ("localhost", "127.0.0.1", "::1")

ContextName = Annotated[str, Argument("Name of the context.")]


@commands.command("login")
def login(
    settings: Settings,
    url: Annotated[str, Argument("https://slipway.example.com")] = "",
    username: Annotated[str, Option("Who you are there.")] = "",
    password_stdin: Annotated[
        bool, Option("Read the password from standard input.", flags=("--password-stdin",))
    ] = False,
    token_file: Annotated[str, Option("Use the token in this file; - reads standard input.")] = "",
    name: Annotated[str, Option("Name to keep it under.")] = "default",
) -> None:
    """Log in with a password or a token, and keep the login for later commands."""
    chosen = chosen_context(settings)
    address = (url or chosen.url).rstrip("/")
    if not address:
        raise Usage(_("Say where: slipway login https://slipway.example.com"))
    ca_file = str(Path(chosen.ca_file).resolve()) if chosen.ca_file else ""
    client = Client(address, ca_file=ca_file, pauses=settings.pauses)
    _warn_if_open(client)
    if token_file:
        token = _first_line(token_file)
    else:
        token = _token_for_password(client, username, from_stdin=password_stdin)
    me = Client(address, token=token, ca_file=ca_file, pauses=settings.pauses).get("/me")
    saved = contexts.load()
    saved.by_name[name] = Context(client.url, token, ca_file)
    saved.current = name
    contexts.save(saved)
    person = me["username"]
    shown = {"context": name, "url": client.url, "username": person}
    said = _("Logged in to {url} as {user}.", url=client.url, user=person)
    Session(client, settings).done(said, shown)


@commands.command("logout")
def logout(settings: Settings) -> None:
    """Revoke the saved token of the current context and forget it."""
    saved = contexts.load()
    name = settings.context or saved.current
    context = saved.get(name) if name else None
    if context is None:
        raise Usage(
            _("You are not logged in anywhere."), hint=_("`slipway login URL` logs you in.")
        )
    client = Client(
        context.url, token=context.token, ca_file=context.ca_file, pauses=settings.pauses
    )
    prefix = context.token.split("_")[1] if context.token.count("_") >= 2 else ""
    try:
        client.delete(at("tokens", prefix))
    except Ended as error:
        say(
            _(
                "The token could not be revoked ({why}); it is only forgotten here.",
                why=error.message,
            )
        )
    _forget(saved, name)
    said = _("Logged out of {url}.", url=context.url)
    Session(client, settings).done(said, {"context": name})


@context_app.command("list")
def list_contexts(settings: Settings) -> None:
    """List the servers you have logged in to."""
    saved = contexts.load()
    rows = [
        {"current": name == saved.current, "name": name, "url": context.url}
        for name, context in sorted(saved.by_name.items())
    ]
    _local_session(settings).rows(rows, CONTEXTS, empty=_("You are not logged in anywhere."))


@context_app.command("use")
def use_context(settings: Settings, name: ContextName) -> None:
    """Use this context from now on."""
    saved = contexts.load()
    context = saved.get(name)
    saved.current = name
    contexts.save(saved)
    session = _local_session(settings)
    said = _("Commands now go to {url}.", url=context.url)
    session.done(said, {"context": name, "url": context.url})


@context_app.command("remove")
def remove_context(settings: Settings, name: ContextName) -> None:
    """Forget a context without asking its server."""
    saved = contexts.load()
    saved.get(name)
    _forget(saved, name)
    _local_session(settings).done(_("{name} is forgotten.", name=name), {"context": name})


@commands.command("completion")
def completion(settings: Settings, shell: Annotated[str, Argument("bash, zsh or fish.")]) -> None:
    """Print what makes a shell complete commands, options and names at Tab."""
    if shell not in SHELLS:
        raise Usage(
            _("Slipway does not complete in {shell}.", shell=shell),
            hint=_("It is one of {known}.", known=", ".join(SHELLS)),
        )
    out((get_data("slipway_cli.completion", f"slipway.{shell}") or b"").decode().rstrip("\n"))


def _local_session(settings: Settings) -> Session:
    return Session(Client("http://localhost"), settings)


def _forget(saved: contexts.Contexts, name: str) -> None:
    del saved.by_name[name]
    if saved.current == name:
        saved.current = min(saved.by_name, default="")
    contexts.save(saved)


def _warn_if_open(client: Client) -> None:
    if client.url.startswith("http://") and client.host not in LOCAL:
        say(_("{url} is not encrypted: others on the way can read the token.", url=client.url))


def _token_for_password(client: Client, username: str, *, from_stdin: bool) -> str:
    if not sys.stdin.isatty() and not from_stdin:
        raise Usage(
            _("There is no terminal to ask for a password."),
            hint=_("Use --password-stdin with --username, or --token-file."),
        )
    name = username or _asked_name(from_stdin=from_stdin)
    password = (
        _first_line("-")
        if from_stdin
        else getpass.getpass(told(_("Password for {user}: ", user=name)))
    )
    body = {
        "username": name,
        "password": password,
        "token_name": f"cli on {socket.gethostname()}"[:64],
    }
    return str(client.post("/login", body)["token"])


def _asked_name(*, from_stdin: bool) -> str:
    if from_stdin:
        raise Usage(_("Say who you are: --username NAME."))
    sys.stderr.write(told(_("Username: ")))
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _first_line(file: str) -> str:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(_("{file} cannot be read: {error}.", file=file, error=error)) from error
    return text.splitlines()[0].strip() if text.strip() else ""

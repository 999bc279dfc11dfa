"""The servers a person has logged in to, kept in the user's config folder (file mode 0600)."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from slipway_cli.errors import Usage
from slipway_cli.language import _


@dataclass(frozen=True, slots=True)
class Context:
    """One server and who we are there."""

    url: str
    token: str = field(default="", repr=False)
    ca_file: str = ""


@dataclass(slots=True)
class Contexts:
    """All contexts by name, and the name of the current one ("" where there is none)."""

    current: str = ""
    by_name: dict[str, Context] = field(default_factory=dict)

    def get(self, name: str) -> Context:
        """Return the context; raise Usage where there is none of that name."""
        if name not in self.by_name:
            known = ", ".join(sorted(self.by_name)) or _("none yet")
            raise Usage(
                _("There is no context “{name}”.", name=name),
                hint=_(
                    "Known contexts: {known}. Make it: `slipway login URL --name {name}`.",
                    known=known,
                    name=name,
                ),
            )
        return self.by_name[name]


def contexts_file() -> Path:
    """Return where contexts are kept: $XDG_CONFIG_HOME/slipway/contexts.json."""
    folder = os.environ.get("XDG_CONFIG_HOME") or ""
    home = Path(folder) if Path(folder).is_absolute() else Path.home() / ".config"
    return home / "slipway" / "contexts.json"


def load() -> Contexts:
    """Return what was saved, nothing when there is no file; raise Usage when it is unreadable."""
    path = contexts_file()
    try:
        saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        by_name = {name: Context(**entry) for name, entry in saved["contexts"].items()}
        return Contexts(current=str(saved["current"]), by_name=by_name)
    except FileNotFoundError:
        return Contexts()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Usage(
            _("{file} cannot be read: {error}", file=path, error=error),
            hint=_("Mend or delete it, then log in again."),
        ) from error


def save(contexts: Contexts) -> None:
    """Write the file at once as a whole, readable by its owner only."""
    import tempfile  # noqa: PLC0415  # 3 ms, and only a login saves anything

    path = contexts_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = {
        "current": contexts.current,
        "contexts": {name: asdict(context) for name, context in contexts.by_name.items()},
    }
    # mkstemp makes the file 0600 from its first moment, whatever the umask.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".contexts-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=2) + "\n")
    Path(temporary).replace(path)

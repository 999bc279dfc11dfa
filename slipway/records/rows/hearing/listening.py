"""How to reach the database beside Django: for a connection that only listens."""

from typing import Any

from django.db import connections

_WANTED = ("dbname", "user", "password", "host", "port", "service", "passfile")


def sqlite_name() -> str | None:
    """Return the file of the database, or its URI; None where it is not SQLite."""
    connection = connections["default"]
    return str(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


def postgres_parameters() -> dict[str, Any]:
    """Return what psycopg needs to make a connection."""
    connection = connections["default"]
    parameters = connection.get_connection_params()
    options = connection.settings_dict.get("OPTIONS", {})
    ssl = {name: value for name, value in options.items() if name.startswith("ssl")}
    return {name: parameters[name] for name in _WANTED if parameters.get(name)} | ssl

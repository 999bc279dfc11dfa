"""What facts and their row call alike is read from it; a row itself is never handed on."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from slipway.records.catalog.models import BuildServer, Service
from slipway.records.rows.facts import read_as


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    build_server: str
    default_ref: str = "never taken"


class Short(NamedTuple):
    name: str
    language: str


SERVICE = Service(name="billing", language="go", build_server=BuildServer(name="ci"))


def test_what_both_call_alike_is_read_and_the_rest_is_said() -> None:
    assert read_as(Named, SERVICE, build_server="ci") == Named("billing", "ci", "main")
    assert read_as(Short, SERVICE) == Short("billing", "go")
    assert read_as(Short, SERVICE, name="other") == Short("other", "go")


def test_a_row_is_no_fact() -> None:
    with pytest.raises(AssertionError, match="a row is no fact"):
        read_as(Named, SERVICE)


def test_what_the_row_does_not_know_has_to_be_said() -> None:
    with pytest.raises(AttributeError):
        read_as(Short, BuildServer(name="ci"))
    with pytest.raises(TypeError):
        read_as(Short, SERVICE, namme="billing")

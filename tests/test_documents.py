"""Each block of code in the documents is typed into a machine, or says why not; the others are what
they say that they are. What is typed: tests/lab/test_documents.py."""

import pytest
import yaml

from slipway.core.builds.settings import parse_build
from slipway.core.spec.parsing import parse_spec
from tests.lab.documents import DOCUMENTS, NOT_TYPED, ROOT, Block, blocks_of, typed_blocks

pytestmark = pytest.mark.once


def yaml_of(document: str) -> list[Block]:
    return [block for block in blocks_of(document) if block.kind == "yaml"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_block_of_a_document_is_overlooked(document: str) -> None:
    fences = [line for line in (ROOT / document).read_text().splitlines() if "```" in line]
    assert len(fences) == 2 * len(list(blocks_of(document)))


def test_every_document_is_looked_through() -> None:
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")}
    # Those in Chinese have the blocks of the English ones: tests/test_chinese_documents.py.
    chinese = {name for name in there if name.startswith("docs/zh/")}
    assert there - chinese - set(DOCUMENTS) == set()


def test_what_is_not_typed_is_there() -> None:
    there = {(name, block.heading) for name in DOCUMENTS for block in blocks_of(name)}
    assert NOT_TYPED.keys() - there == set()
    assert all(reason for reason in NOT_TYPED.values())


def test_what_is_typed_is_commands_or_a_file() -> None:
    assert {block.kind for block in typed_blocks()} == {"sh", "yaml"}


@pytest.mark.parametrize("document", ["docs/release-spec.md", "docs/howto/first-service.md"])
def test_the_spec_in_a_document_is_one(document: str) -> None:
    [block] = yaml_of(document)
    parse_spec(block.text)


def test_the_build_settings_in_the_document_are_some() -> None:
    [block] = yaml_of("docs/howto/builds.md")
    parse_build(yaml.safe_load(block.text))

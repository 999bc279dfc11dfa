"""The command line knows what leads by another host as the server does, and may not import it."""

import slipway_cli.files.inventories
from slipway.core.reading.inventory.ansible import values as ansible_values


def test_both_know_a_jump_by_the_same_words() -> None:
    assert slipway_cli.files.inventories._JUMP == ansible_values._JUMP

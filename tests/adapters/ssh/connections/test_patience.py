"""How long a host that does not answer is tried."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.core.release.steps import Chain, Fence, Ticket
from slipway.ports import HostUnreachable
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard


async def test_a_host_that_refuses_is_tried_for_as_long_as_patience_lasts(ssh: Yard) -> None:
    hosts = SshHosts(patience=timedelta(seconds=0.5))
    nobody = replace(ssh.access, port=1)
    chain = Chain("billing", "8080", Fence(1, 1), (Ticket("t-1", made.receipt("1"), made.SOON),))
    with pytest.raises(HostUnreachable, match="refuses SSH connections"):
        await hosts.perform(nobody, chain, on_result=lambda result: None)

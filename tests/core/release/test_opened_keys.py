"""A private key that is closed in a package is not opened to everybody on its hosts."""

import pytest

from slipway.core.release.contents import Contents, HeldFile, check_contents, head_of
from slipway.core.spec.parsing import parse_spec
from slipway.core.words.refusal import Invalid

KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
RUN = {"run": "./app"}


def contents(mode: int, beginning: bytes) -> Contents:
    return Contents({"app": HeldFile(0o755), "etc/id": HeldFile(mode, head_of(beginning))})


@pytest.mark.parametrize(
    "kind", [KEY, KEY.replace(b"OPENSSH ", b""), KEY.replace(b"OPENSSH", b"RSA")]
)
def test_a_closed_key_is_refused_where_everybody_reads(kind: bytes) -> None:
    with pytest.raises(Invalid, match="etc/id is a private key") as refused:
        check_contents(parse_spec({**RUN, "readable_by": "everybody"}), contents(0o600, kind))
    assert "mode 600" in refused.value.message
    assert "${SHARED}" in refused.value.hint


def test_what_is_open_or_no_key_or_read_by_its_user_alone_is_taken() -> None:
    everybody = parse_spec({**RUN, "readable_by": "everybody"})
    check_contents(everybody, contents(0o644, KEY))
    check_contents(everybody, contents(0o600, b"-----BEGIN CERTIFICATE-----\n"))
    check_contents(everybody, contents(0o600, b"secret"))  # a whole package of umask 077
    check_contents(parse_spec(RUN), contents(0o600, KEY))

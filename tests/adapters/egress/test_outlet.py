"""Requests stay inside the boundary, and credentials with the server."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from slipway.adapters.egress.trouble import Unanswered
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble
from tests.adapters.egress.conftest import Make, Rebinding
from tests.stands import gitlab_faults as faults
from tests.stands.gitlab_http import LoopbackServer

SECRETS = {"PRIVATE-TOKEN": "secret", "Authorization": "Bearer secret", "Cookie": "secret"}


def test_credentials_go_to_the_server_itself(make: Make, server: LoopbackServer) -> None:
    status, body = make(server.url).ask(f"{server.url}/x", headers=SECRETS)
    sent = json.loads(body)["headers"]
    assert status == 200
    assert (sent["private-token"], sent["authorization"]) == ("secret", "Bearer secret")
    assert sent["accept-encoding"] == "identity"


def test_credentials_never_go_elsewhere(
    make: Make, server: LoopbackServer, other: LoopbackServer
) -> None:
    out = make(server.url, package_bases=(other.url,))
    server.fault(on="GET /r", do=faults.redirect(f"{other.url}/there"))
    for url in (f"{server.url}/r", f"{other.url}/direct"):
        assert out.ask(url, headers=SECRETS)[0] == 200
    assert [request.path for request in other.requests] == ["/there", "/direct"]
    for request in other.requests:
        assert "secret" not in str(request.headers)
        assert set(request.headers) <= {"host", "accept", "user-agent", "accept-encoding"}


def test_who_is_sent_elsewhere_does_not_come_back_with_credentials(
    make: Make, server: LoopbackServer, other: LoopbackServer
) -> None:
    out = make(server.url, package_bases=(other.url,))
    other.fault(on="GET /bounce", do=faults.redirect(f"{server.url}/api/secrets"))
    server.fault(on="GET /r", do=faults.redirect(f"{other.url}/bounce"))
    assert out.ask(f"{server.url}/r", headers=SECRETS)[0] == 200
    assert "secret" not in str(server.requests[-1].headers)


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "//169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_out_of_the_boundary_is_not_followed(
    make: Make, server: LoopbackServer, target: str
) -> None:
    server.fault(on="GET /r", do=faults.redirect(target))
    with pytest.raises(OffLimits):
        make(server.url).ask(f"{server.url}/r", headers=SECRETS)


def test_a_redirect_inside_the_boundary_is_followed(make: Make, server: LoopbackServer) -> None:
    server.fault(on="GET /r", do=faults.redirect("/x?y=1", 307))
    status, body = make(server.url).ask(f"{server.url}/r", headers=SECRETS)
    assert (status, json.loads(body)["path"]) == (200, "/x")
    assert server.requests[-1].headers["private-token"] == "secret"


def test_redirects_come_to_an_end(make: Make, server: LoopbackServer) -> None:
    server.fault(on="GET /r", do=faults.redirect("/r"), times=100)
    with pytest.raises(ServerTrouble, match="circle"):
        make(server.url).ask(f"{server.url}/r")
    assert len(server.requests) == 6


def test_what_changes_something_is_not_sent_again_elsewhere(
    make: Make, server: LoopbackServer
) -> None:
    server.fault(on="POST /r", do=faults.redirect("/x"))
    assert make(server.url).ask(f"{server.url}/r", "POST")[0] == 302
    assert len(server.requests) == 1


def test_a_connection_goes_to_the_address_that_was_checked(
    make: Make, server: LoopbackServer
) -> None:
    port = server.url.rpartition(":")[2]
    base = f"http://gitlab.example.com:{port}"
    names = Rebinding(["127.0.0.1"], ["169.254.169.254"])
    out = make(base, resolver=names)
    assert out.ask(f"{base}/one")[0] == 200
    assert out.ask(f"{base}/two")[0] == 200
    assert names.asked == [("gitlab.example.com", int(port))]  # once for both
    assert server.requests[0].headers["host"] == f"gitlab.example.com:{port}"


def test_a_name_that_leads_elsewhere_the_next_time_is_refused(
    make: Make, server: LoopbackServer
) -> None:
    port = server.url.rpartition(":")[2]
    base = f"http://gitlab.example.com:{port}"
    names = Rebinding(["127.0.0.1"], ["169.254.169.254"])
    server.fault(on="GET /one", do=faults.cut())
    out = make(base, resolver=names)
    with pytest.raises(Unanswered):
        out.ask(f"{base}/one")
    with pytest.raises(OffLimits, match=r"169\.254\.169\.254"):
        out.ask(f"{base}/two", headers=SECRETS)


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"],
        ["127.0.0.1", "169.254.169.254"],  # every one is checked
        ["::ffff:169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["fe80::1%eth0"],
        ["0.0.0.0"],
        ["::"],
    ],
)
def test_a_name_that_leads_to_a_forbidden_address_gets_no_connection(
    make: Make, server: LoopbackServer, addresses: list[str]
) -> None:
    base = f"http://gitlab.example.com:{server.url.rpartition(':')[2]}"
    with pytest.raises(OffLimits):
        make(base, resolver=Rebinding(addresses)).ask(f"{base}/x")
    assert server.requests == []


def test_the_second_address_is_tried_when_the_first_refuses(
    make: Make, server: LoopbackServer
) -> None:
    base = f"http://gitlab.example.com:{server.url.rpartition(':')[2]}"
    assert make(base, resolver=Rebinding(["127.0.0.2", "127.0.0.1"])).ask(f"{base}/x")[0] == 200


def test_neither_proxy_nor_netrc_of_the_environment_is_used(
    make: Make, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    _, body = make(server.url).ask(f"{server.url}/x")
    assert "authorization" not in json.loads(body)["headers"]


def test_the_configured_proxy_is_used_and_gets_its_own_login(
    make: Make, other: LoopbackServer
) -> None:
    proxy = other.url.replace("//", "//alice:p%40ss@")
    base = "http://gitlab.example.com"
    assert make(base, proxy=proxy).ask(f"{base}/x")[0] == 200
    sent = other.requests[0]
    assert sent.headers["host"] == "gitlab.example.com"
    assert sent.headers["proxy-authorization"] == "Basic YWxpY2U6cEBzcw=="


def test_a_proxy_that_is_no_address_is_refused(make: Make, server: LoopbackServer) -> None:
    for proxy in ("proxy:3128", "socks5://proxy:1080", "http://", "http://proxy:port"):
        with pytest.raises(OffLimits, match="proxy"):
            make(server.url, proxy=proxy).ask(f"{server.url}/x")


def test_what_a_build_names_is_asked_in_our_name_inside_the_given_folders_only(
    make: Make, server: LoopbackServer
) -> None:
    client = make(server.url).client
    client.headers.update(SECRETS)
    client.cookies.set("session", "secret")
    for path, in_our_name in [
        ("/a%2Fb/c", True),
        ("/a%2fb/c/d?x=%2F", True),
        ("/a/b/c", False),
        ("/a%2Fb", False),
        ("/a%2Fbc/c", False),
    ]:
        with closing(client.download_named(server.url + path, 1000, ours=[f"{server.url}/a%2Fb"])):
            assert ("secret" in str(server.requests[-1].headers)) == in_our_name


@pytest.mark.parametrize("token", ["secret\n", "sec\r\nX-Evil: 1", " secret", "sec\x00ret", "sécr"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(
    make: Make, server: LoopbackServer, token: str
) -> None:
    client = make(server.url).client
    with pytest.raises(ServerRefused, match="PRIVATE-TOKEN") as refused:
        client.get(f"{server.url}/x", headers={b"PRIVATE-TOKEN": token.encode()})
    assert not {"sec", "ret", "Evil"} & set(re.findall("[A-Za-z]+", str(refused.value.args)))
    assert server.requests == []


def test_nothing_of_the_library_leads_around_it(make: Make, server: LoopbackServer) -> None:
    with pytest.raises(OffLimits):
        make(server.url).client.get("https://gitlab.example.com", follow_redirects=True)
    assert server.requests == []

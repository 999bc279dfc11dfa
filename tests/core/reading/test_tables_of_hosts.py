"""Tables of hosts as spreadsheets write them: encodings, separators, columns of their own."""

import pytest

from slipway.core.reading.inventory.encodings import decoded
from slipway.core.reading.inventory.reading import parse_hosts
from slipway.core.words.refusal import Invalid

TABLE = (
    "name;address;port;labels;notes\nweb-1;10.0.0.1;2222;rack=a,zone=1;Köln\nweb-2;10.0.0.2;;;\n"
)
CHINESE = (
    "主机名,IP地址,端口,用户名,备注\r\n"
    "web-1,10.0.0.1,2222,deploy,生产环境\r\nweb-2,10.0.0.2,,deploy,测试\r\n"
)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("gbk"), "gb18030"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (CHINESE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("cp1252"), "cp1252"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_of_a_table_is_found_out(content: bytes, encoding: str) -> None:
    text, found = decoded(content)
    assert found == encoding
    assert text.lstrip("\ufeff") in (CHINESE, TABLE, "")


@pytest.mark.parametrize("encoding", ["gbk", "GB2312", "gb18030"])
def test_an_encoding_can_be_said(encoding: str) -> None:
    assert decoded("ä".encode("gb18030"), encoding) == ("ä", "gb18030")


@pytest.mark.parametrize(
    ("content", "encoding"), [(b"\xff", "utf-8"), (b"x", "klingon"), (b"\xff\xfe\x00", "")]
)
def test_an_encoding_that_does_not_fit_is_refused(content: bytes, encoding: str) -> None:
    with pytest.raises(Invalid) as refused:
        decoded(content, encoding)
    assert "utf-16" in refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        CHINESE,
        "name,address,port,user\nweb-1,10.0.0.1,2222,deploy\nweb-2,10.0.0.2,,deploy\n",
        "sep=;\nname;ip;port;username\nweb-1;10.0.0.1;2222;deploy\nweb-2;10.0.0.2;;deploy\n",
        "sep=\t\nname\tip\tport\tuser\nweb-1\t10.0.0.1\t2222\tdeploy\nweb-2\t10.0.0.2\t\tdeploy\n",
        'sep="\nname,ip,port,user\nweb-1,10.0.0.1,2222,deploy\nweb-2,10.0.0.2,,deploy\n',
        "Host\tIP\tSSH port\tuser\nweb-1\t10.0.0.1\t2222\tdeploy\nweb-2\t10.0.0.2\t\tdeploy\n",
        '"name","address","port","user"\r\n"web-1","10.0.0.1","2222","deploy"\r\nweb-2,10.0.0.2,,deploy',
    ],
)
@pytest.mark.parametrize("filename", ["hosts.csv", "hosts"])
def test_a_table_is_read_whatever_divides_it(text: str, filename: str) -> None:
    found = [
        (each.name, each.address, each.port, each.user) for each in parse_hosts(text, filename)
    ]
    assert found == [("web-1", "10.0.0.1", 2222, "deploy"), ("web-2", "10.0.0.2", 0, "deploy")]


def test_labels_may_be_divided_by_commas_in_a_table_of_semicolons() -> None:
    hosts = parse_hosts(TABLE, "hosts.csv")
    assert dict(hosts[0].labels) == {"rack": "a", "zone": "1"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("web-9,10.0.0.9,x", "Line 3 is left out: x is not a port."),
        (",10.0.0.9,", "Line 3 is left out: it names no host."),
        ("web-9,10.0.0.9,,more", "Line 3: what stands behind the last column is left out."),
        ("web-1,10.0.0.9,", "Line 3: web-1 is there twice, and the first line counts."),
        ("www,10.0.0.1,22", "www is another name of web-1: 10.0.0.1, port 22. It is one host."),
    ],
)
def test_what_a_table_says_besides_is_named(row: str, said: str) -> None:
    hosts = parse_hosts(f"name,address,port\nweb-1,10.0.0.1,\n{row}\n", "hosts.csv")
    assert hosts[0].address == "10.0.0.1"
    assert [sentence.english for sentence in hosts.left_out] == [said]

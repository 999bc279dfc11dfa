"""What the name of a package says: how it is called, and how a file that stays one is started."""

import pytest

from slipway.core.release.packages import stem_of, with_run_of_file
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.spec.parsing import merge_spec, parse_spec


def file(name: str, kind: PackageFormat = PackageFormat.FILE) -> PackageRef:
    return PackageRef("0" * 64, 10, kind, name)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("shop-1.0.jar", "shop-1.0"),
        ("shop-1.0.tar.gz", "shop-1.0"),
        ("Shop.TGZ", "Shop"),
        ("shop-1.0", "shop-1.0"),
        (".jar", ""),
    ],
)
def test_a_stem_has_no_ending_of_a_package(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("shop-1.0.jar", ("java", "-jar", "./shop-1.0.jar")),
        ("shop.JAR", ("java", "-jar", "./shop.JAR")),
        ("billing", ("./billing",)),
        ("billing-1.2.3", ("./billing-1.2.3",)),
    ],
)
def test_a_jar_and_a_program_alone_are_started_by_themselves(
    name: str, argv: tuple[str, ...]
) -> None:
    assert parse_spec(with_run_of_file({}, file(name))).run == argv


@pytest.mark.parametrize("name", ["lib.whl", "app.war", "app.ear", "my shop.jar", "a${PORT}.jar"])
def test_what_else_stays_one_file_is_for_something_else_to_start(name: str) -> None:
    assert with_run_of_file({"user": "app"}, file(name)) == {"user": "app"}


def test_an_archive_says_itself_how_it_is_started() -> None:
    assert with_run_of_file({}, file("shop.tar.gz", PackageFormat.TAR_GZ)) == {}


@pytest.mark.parametrize(
    "said",
    [
        {"run": "java -Xmx1g -jar ./shop.jar"},
        {"supervisor": "script", "scripts": {"start": "./s", "stop": "./t"}},
        {"scripts": {"before_activate": "./b"}},
    ],
)
def test_what_the_package_says_counts(said: dict[str, object]) -> None:
    assert with_run_of_file(said, file("shop.jar")) == said


@pytest.mark.parametrize(
    ("service", "argv"),
    [
        ({"run": "java -server -jar ./shop.jar"}, ("java", "-server", "-jar", "./shop.jar")),
        ({"supervisor": "script", "scripts": {"start": "./s", "stop": "./t"}}, ()),
    ],
)
def test_what_the_service_says_counts_more(
    service: dict[str, object], argv: tuple[str, ...]
) -> None:
    own = with_run_of_file({}, file("shop.jar"))
    assert parse_spec(merge_spec(own, service)).run == argv

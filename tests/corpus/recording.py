"""Makes the packages of packages.txt with the real programs, each in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.corpus.cases import LONG, RECORDED, PackageCase

APP = "#!/bin/sh\nexec sleep 1000\n"
SPEC = "run: ./bin/app\n"
# What several lines share: a build file, a Go program, and headers that no program here writes.
AROUND = """
set -e
umask 022
ant_do() {
    {
        echo "<project default='x'><property environment='env'/>"
        echo "<target name='x'>$1</target></project>"
    } >build.xml
    ant -q -f build.xml >ant.log || { cat ant.log >&2; exit 1; }
}
mvn_do() { # PLUGIN GOAL CONFIGURATION [ASSEMBLY]
    {
        echo "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId>"
        echo "<artifactId>shop</artifactId><version>1.0</version><packaging>pom</packaging>"
        echo "<dependencies><dependency><groupId>javax.inject</groupId>"
        echo "<artifactId>javax.inject</artifactId><version>1</version></dependency></dependencies>"
        echo "<build><finalName>shop</finalName><plugins><plugin><artifactId>$1</artifactId>"
        echo "<version>$(ls "$MAVEN_PLUGINS/$1" | sort -V | tail -n 1)</version>"
        echo "<configuration><appendAssemblyId>false</appendAssemblyId>$3</configuration>"
        echo "<executions><execution><phase>package</phase><goals><goal>$2</goal></goals>"
        echo "</execution></executions></plugin></plugins></build></project>"
    } >pom.xml
    echo "<assembly><id>a</id>$4</assembly>" >assembly.xml
    mvn -o -q -B -Dmaven.repo.local=/usr/share/maven-repo package >mvn.log ||
        { cat mvn.log >&2; exit 1; }
    mv target/shop.* "$OUT"
}
assembly_do() { # FORMAT [CONFIGURATION]
    mvn_do maven-assembly-plugin single \\
        "<descriptors><descriptor>assembly.xml</descriptor></descriptors>$2" \\
        "<formats><format>$1</format></formats><includeBaseDirectory>false</includeBaseDirectory>
        <fileSets><fileSet><directory>tree</directory><outputDirectory>/</outputDirectory></fileSet>
        </fileSets>"
}
go_do() {
    { echo "$GO_BEFORE" && echo "$1" && echo "}"; } >main.go
    HOME=$PWD GOCACHE=$PWD/.cache go run main.go
}
"""

MAVEN_PLUGINS = "/usr/share/maven-repo/org/apache/maven/plugins"

GO_BEFORE = """
package main

import (
    "archive/tar"
    "archive/zip"
    "os"
)

var _ = tar.TypeReg
var _ = zip.Store

func read(n string) []byte { b, _ := os.ReadFile("tree/" + n); return b }

func main() {
    names := []string{"bin/app", "lib/a.txt", "slipway.yaml"}
    f, _ := os.Create(os.Getenv("OUT"))
"""

PYTHON_TAR = """
import os, sys, tarfile
version = sys.argv[1].encode().decode("unicode_escape").encode()
data = b""
for name in ("bin/app", "lib/a.txt", "slipway.yaml"):
    content = open("tree/" + name, "rb").read()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o755 if name == "bin/app" else 0o644
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[263:265] = version
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\\0 " % sum(block)
    data += bytes(block) + content + bytes(-len(content) % 512)
open(os.environ["OUT"], "wb").write(data + bytes(1024))
"""

PYTHON_ZIP = """
import io, os, struct, sys, zipfile
name, encoding = sys.argv[1], (sys.argv + ["ascii"])[2]
made = io.BytesIO()
with zipfile.ZipFile(made, "w") as archive:
    for each in ("X" * len(name.encode(encoding)), "slipway.yaml"):
        info = zipfile.ZipInfo(each)
        info.create_system = 0
        archive.writestr(info, "run: ./bin/app\\n")
data = made.getvalue().replace(b"X" * len(name.encode(encoding)), name.encode(encoding))
data = data.replace(struct.pack("<HH", 0, 0x21), bytes(4))
open(os.environ["OUT"], "wb").write(data)
"""


def can_make(case: PackageCase) -> bool:
    return all(shutil.which(each) or Path(each).is_dir() for each in case.programs)


def make(case: PackageCase) -> bytes:
    """Run the commands of a line; what they make is returned."""
    with tempfile.TemporaryDirectory() as folder:
        _plant(Path(folder, "tree"))
        made = Path(folder, "made", case.filename)
        made.parent.mkdir()
        surroundings = os.environ | {
            "OUT": str(made),
            "L": LONG,
            "GO_BEFORE": GO_BEFORE,
            "MAVEN_PLUGINS": MAVEN_PLUGINS,
            "PYTHON_TAR": PYTHON_TAR,
            "PYTHON_ZIP": PYTHON_ZIP,
        }
        subprocess.run(
            ["sh", "-c", AROUND + case.commands], cwd=folder, env=surroundings, check=True
        )
        return made.read_bytes()


def record(case: PackageCase) -> None:
    RECORDED.mkdir(exist_ok=True)
    (RECORDED / case.filename).write_bytes(make(case))


def _plant(tree: Path) -> None:
    for folder in (tree, tree / "bin", tree / "lib"):
        folder.mkdir(mode=0o755)
    (tree / "bin/app").write_text(APP)
    (tree / "bin/app").chmod(0o755)
    (tree / "slipway.yaml").write_text(SPEC)
    (tree / "lib/a.txt").write_text("a\n")
    (tree / "lib/link").symlink_to("a.txt")
    for path in (tree / "slipway.yaml", tree / "lib/a.txt"):
        path.chmod(0o644)

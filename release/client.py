"""The command line in one file that runs with a Python and nothing else."""

import shutil
import zipapp
from pathlib import Path

MAIN = "import sys\nfrom slipway_cli.main import main\nsys.exit(main())\n"


def make_client(sources: Path, version: str, folder: Path) -> Path:
    """Pack the client; its metadata names the version, and no commands of the server."""
    tree = sources.with_name("client")
    shutil.copytree(sources / "slipway_cli", tree / "slipway_cli")
    (tree / "__main__.py").write_text(MAIN)
    about = tree / f"slipway-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: slipway\nVersion: {version}\n")
    target = folder / f"slipway-{version}.pyz"
    zipapp.create_archive(tree, target, interpreter="/usr/bin/env python3", compressed=True)
    target.chmod(0o755)
    return target

"""The documents in Chinese, and which English text each was made from.

`python -m tests.chinese_documents` says in each that it is as new as the English one: whoever
does that has read what has changed in it.
"""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_MARK = re.compile(r"^\[//\]: # \(of (\S+), sha256 (\w+)\)$", re.MULTILINE)
_DOCS = ROOT / "docs" / "zh"


def english_of_each() -> dict[Path, Path]:
    """All documents in Chinese, with the English one of each."""
    docs = {path: ROOT / "docs" / path.relative_to(_DOCS) for path in sorted(_DOCS.rglob("*.md"))}
    return {ROOT / "README.zh-CN.md": ROOT / "README.md", **docs}


def mark_of(english: Path) -> str:
    """The line that a reader does not see: what a document in Chinese was made from."""
    told = hashlib.sha256(english.read_bytes()).hexdigest()[:16]
    return f"[//]: # (of {english.relative_to(ROOT)}, sha256 {told})"


def marks_in(text: str) -> list[str]:
    return [found[0] for found in _MARK.finditer(text)]


def main() -> None:
    for chinese, english in english_of_each().items():
        text = _MARK.sub("", chinese.read_text()).rstrip()
        chinese.write_text(f"{text}\n\n{mark_of(english)}\n")


if __name__ == "__main__":
    main()

"""What GitLab's webhooks tell of pipelines and pushes. A hint: all of it is asked for again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slipway.core.words.refusal import Invalid

_LONGEST_PATH = 1000
_LONGEST_URL = 2000
_LONGEST_REF = 255
_MOST_NUMBER = 2**63 - 1
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = "refs/heads/"
_URL_KEYS = ("git_http_url", "git_ssh_url", "http_url", "ssh_url", "web_url")


@dataclass(frozen=True, slots=True)
class PipelineNotice:
    """Something happened to a pipeline. `ref`: its branch or tag, without refs/heads/."""

    project_path: str  # "team/billing"
    pipeline: str
    ref: str
    commit: str


@dataclass(frozen=True, slots=True)
class PushNotice:
    """A branch has a new head. `urls`: under which git and people know the project; `ref`: the
    branch, without refs/heads/."""

    project_path: str
    urls: tuple[str, ...]
    ref: str
    commit: str


def parse_gitlab(event: str, body: object) -> PipelineNotice | PushNotice | None:
    """Return what the JSON says; None for what does not concern us: other events than `Pipeline
    Hook` and `Push Hook` (the header X-Gitlab-Event), branches that were deleted, and child
    pipelines: they are part of their parent's build, which GitLab tells of, too. Raises Invalid for
    a body that is not of its event."""
    match event:
        case "Pipeline Hook":
            return _pipeline(_keys(body, "body"))
        case "Push Hook":
            return _push(_keys(body, "body"))
    return None


def _pipeline(body: Mapping[object, object]) -> PipelineNotice | None:
    pipeline = _keys(body.get("object_attributes"), "object_attributes")
    if pipeline.get("source") == "parent_pipeline":
        return None
    project = _keys(body.get("project"), "project")
    return PipelineNotice(
        project_path=_text(project.get("path_with_namespace"), "project path", _LONGEST_PATH),
        pipeline=_number(pipeline.get("id"), "pipeline id"),
        ref=_text(pipeline.get("ref"), "ref", _LONGEST_REF),
        commit=_commit(pipeline.get("sha")),
    )


def _push(body: Mapping[object, object]) -> PushNotice | None:
    ref = _text(body.get("ref"), "ref", len(_BRANCH) + _LONGEST_REF)
    branch = ref.removeprefix(_BRANCH)
    if branch == ref or not branch:
        raise _not_gitlab("ref")
    project = _keys(body.get("project"), "project")
    path = _text(project.get("path_with_namespace"), "project path", _LONGEST_PATH)
    given = (project.get(key) for key in _URL_KEYS)
    urls = tuple(_text(url, "project URL", _LONGEST_URL) for url in given if url is not None)
    commit = _commit(body.get("after"))
    if not commit.strip("0"):  # so GitLab, and git, say that the branch is no more
        return None
    return PushNotice(path, tuple(dict.fromkeys(urls)), branch, commit)


def _keys(value: object, key: str) -> Mapping[object, object]:
    if not isinstance(value, Mapping):
        raise _not_gitlab(key)
    return value


def _number(value: object, key: str) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 0 < value <= _MOST_NUMBER:  # type: ignore[operator]
        raise _not_gitlab(key)
    return str(value)


def _text(value: object, key: str, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise _not_gitlab(key)
    return value


def _commit(value: object) -> str:
    if not isinstance(value, str) or not _COMMIT.fullmatch(value):
        raise _not_gitlab("commit")
    return value


def _not_gitlab(key: str) -> Invalid:
    return Invalid(
        "This is no event of GitLab: its {key} is missing, or is nothing that GitLab sends.",
        hint="The webhook should be GitLab's own, with Pipeline events or Push events.",
        key=key,
    )

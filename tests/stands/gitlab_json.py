"""How GitLab's REST API writes things down, as far as the stand-in needs it."""

from datetime import datetime
from typing import Any

from tests.stands.gitlab_state import Commit, Job, Pipeline, Project


def moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def pipeline_basic(pipeline: Pipeline, web: str) -> dict[str, Any]:
    project = pipeline.project
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": project.id,
        "sha": pipeline.sha,
        "ref": pipeline.ref,
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": moment(pipeline.created_at),
        "updated_at": moment(pipeline.updated_at),
        "web_url": f"{web}/{project.path}/-/pipelines/{pipeline.id}",
        "name": None,
    }


def pipeline_whole(pipeline: Pipeline, web: str) -> dict[str, Any]:
    return pipeline_basic(pipeline, web) | {
        "before_sha": "0" * 40,
        "tag": pipeline.ref in pipeline.project.tags,
        "yaml_errors": pipeline.yaml_errors or None,
        "user": {"id": 1, "username": "slipway", "name": "Slipway", "state": "active"},
        "started_at": moment(pipeline.started_at),
        "finished_at": moment(pipeline.finished_at),
        "committed_at": None,
        "duration": None,
        "queued_duration": None,
        "coverage": None,
        "detailed_status": {
            "icon": f"status_{pipeline.status}",
            "text": pipeline.status,
            "label": pipeline.status,
            "group": pipeline.status,
            "tooltip": pipeline.status,
            "has_details": True,
            "details_path": f"/{pipeline.project.path}/-/pipelines/{pipeline.id}",
        },
    }


def job(each: Job, pipeline: Pipeline, web: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "status": each.status,
        "stage": each.stage,
        "name": each.name,
        "ref": pipeline.ref,
        "tag": pipeline.ref in pipeline.project.tags,
        "coverage": None,
        "allow_failure": each.allow_failure,
        "created_at": moment(each.created_at),
        "started_at": moment(each.started_at),
        "finished_at": moment(each.finished_at),
        "erased_at": None,
        "duration": None,
        "queued_duration": None,
        "web_url": f"{web}/{pipeline.project.path}/-/jobs/{each.id}",
        "pipeline": pipeline_basic(pipeline, web),
        "artifacts": _artifacts(each),
        "artifacts_expire_at": moment(each.expire_at),
        "tag_list": [],
        "runner": None,
    } | _only_if_there(each)


def _only_if_there(each: Job) -> dict[str, Any]:
    some: dict[str, Any] = {}
    if each.failure_reason:
        some["failure_reason"] = each.failure_reason
    if each.archive is not None:
        some["artifacts_file"] = {"filename": "artifacts.zip", "size": len(each.archive)}
    return some


def _artifacts(each: Job) -> list[dict[str, Any]]:
    found = [
        ("trace", len(each.trace), "job.log", None) if each.finished_at and each.trace else None,
        ("archive", len(each.archive), "artifacts.zip", "zip")
        if each.archive is not None
        else None,
        ("metadata", 64, "metadata.gz", "gzip") if each.archive is not None else None,
        ("dotenv", len(each.dotenv), ".env.gz", "gzip") if each.dotenv is not None else None,
    ]
    keys = ("file_type", "size", "filename", "file_format")
    return [dict(zip(keys, facts, strict=True)) for facts in found if facts]


def commit(each: Commit, project: Project, web: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "short_id": each.id[:8],
        "title": each.title,
        "message": each.title,
        "author_name": each.author,
        "author_email": f"{each.author.lower()}@example.com",
        "authored_date": moment(each.at),
        "committer_name": each.author,
        "committed_date": moment(each.at),
        "created_at": moment(each.at),
        "parent_ids": [each.parent] if each.parent else [],
        "web_url": f"{web}/{project.path}/-/commit/{each.id}",
    }


def project(each: Project, web: str) -> dict[str, Any]:
    level = {"access_level": each.access_level, "notification_level": 3}
    return {
        "id": each.id,
        "name": each.path.rpartition("/")[2],
        "path_with_namespace": each.path,
        "default_branch": "main",
        "web_url": f"{web}/{each.path}",
        "jobs_enabled": True,
        "builds_access_level": "enabled",
        "ci_pipeline_variables_minimum_override_role": each.variables_role,
        "permissions": {"project_access": level, "group_access": None},
    }

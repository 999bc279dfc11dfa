from dataclasses import replace

from django.db import migrations

from slipway.records.rows.sentences import (AT_ONCE, said_once, texts_become_sentences)

# What build servers were made to say, until it was kept as text. The first that fits counts.
KNOWN = (
    ("jenkins_unstable", "Jenkins says UNSTABLE: it was built, and its tests failed."),
    ("jenkins_failure", "Jenkins says FAILURE: see the end of its log."),
    ("jenkins_not_built", "Jenkins says NOT_BUILT: it did not come to building it."),
    ("jenkins_aborted", "Jenkins says ABORTED: it was ended there."),
    ("jenkins_out_of_queue", "It was taken out of Jenkins' queue."),
    ("jenkins_not_known", "nothing that we know"),
    ("jenkins_says", "Jenkins says {result}."),
    ("gitlab_pending", "Waiting for a runner."),
    (
        "gitlab_waiting_for_resource",
        "Waiting for another pipeline that uses the same resource group.",
    ),
    ("gitlab_skipped", "GitLab skipped the pipeline: no job was to run."),
    ("gitlab_running", "Running: {jobs}."),
    ("gitlab_no_runner", "Waiting for a runner: {jobs}."),
    ("manual_job", "a manual job"),
    ("gitlab_manual", "Waiting for somebody to start {jobs} in GitLab."),
    ("some_job", "A job"),
    ("gitlab_scheduled", "{jobs} starts later: it is delayed in GitLab."),
    ("gitlab_says", "GitLab calls it {called}."),
    ("gitlab_yaml_errors", ".gitlab-ci.yml: {errors}"),
    ("script_failure", "script failure"),
    ("runner_system_failure", "runner system failure"),
    ("stuck_or_timeout_failure", "stuck or timeout failure"),
    ("job_execution_timeout", "job execution timeout"),
    ("missing_dependency_failure", "missing dependency failure"),
    ("runner_unsupported", "runner unsupported"),
    ("unknown_failure", "unknown failure"),
    ("api_failure", "api failure"),
    ("no_reason_given", "no reason given"),
    ("gitlab_jobs_failed", "Job {job} failed: {reason}. {more} more failed."),
    ("gitlab_job_failed", "Job {job} failed: {reason}."),
    ("build_begins", "it begins"),
    ("checking_out", "checking out"),
    ("running_command", "running {command}"),
    ("runner_failed", "The runner failed: {error}."),
    ("checkout_failed", "The checkout failed: see the log."),
    ("command_well", "Its command ended well."),
    ("build_cancelled", "It was cancelled."),
    ("build_machine_down", "The build was interrupted: its machine was going down."),
    ("build_interrupted", "The build was interrupted."),
    ("build_too_long", "It did not end within {limit} and was ended."),
    ("build_too_large", "Its folder reached {limit} MiB, the most it may have (size_limit)."),
    ("build_memory", "Its processes held over {limit} MiB (memory_limit)."),
    ("build_processes", "It had over {limit} processes (process_limit)."),
    ("command_ended", "Its command ended with exit status {code}."),
    ("command_signal", "Its command was ended by signal {signal}."),
)


def say_reasons(apps, editor):
    """Why a build ended holds what its server was made to say, as a text."""
    ended = apps.get_model("catalog", "Build").objects.exclude(reason=None).order_by("pk")
    page = list(ended[:AT_ONCE])
    while page:
        changed = [row for row in page if isinstance(dict(row.reason.values).get("said"), str)]
        for row in changed:
            values = dict(row.reason.values)
            if values["said"]:
                values["said"] = said_once(values["said"], KNOWN)
            row.reason = replace(row.reason, values=tuple(values.items()))
        ended.bulk_update(changed, ["reason"])
        page = list(ended.filter(pk__gt=page[-1].pk)[:AT_ONCE])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_nothing_is_replaced")]
    operations = [
        *texts_become_sentences("catalog", "build", "says", known=KNOWN),
        migrations.RunPython(say_reasons, migrations.RunPython.noop),
    ]

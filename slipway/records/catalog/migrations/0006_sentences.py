from django.db import migrations

from slipway.records.rows.sentences import (kept, said_before, texts_become_sentences)


def tell_findings(apps, editor):
    """What tests of build servers found; they are kept for a week."""
    for row in apps.get_model("catalog", "ServerCheck").objects.exclude(findings=[]):
        row.findings = [
            {"said": kept(said_before(found["what"], found["hint"])), "works": found["works"]}
            for found in row.findings
        ]
        row.save(update_fields=["findings"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_releases_by_value")]
    operations = [
        *texts_become_sentences("catalog", "build", "problem", hint="problem_hint"),
        *texts_become_sentences("catalog", "build", "reason", hint="hint"),
        *texts_become_sentences("catalog", "buildpoll", "problem", hint="problem_hint"),
        *texts_become_sentences("catalog", "delivery", "outcome"),
        *texts_become_sentences("catalog", "comparison", "problem"),
        migrations.RunPython(tell_findings, migrations.RunPython.noop),
    ]

import structlog
from django.db import migrations

MOST = 64

log = structlog.get_logger()


def declare(apps, editor):
    """What builds were given on a GitLab or a Jenkins stays allowed: it becomes declared.

    Not so for builds by command, where it chose what ran on the worker: there only what the
    settings name is declared.
    """
    builds = apps.get_model("catalog", "Build").objects.exclude(variables={})
    given = {}
    for service, variables in builds.values_list("service_id", "variables"):
        given.setdefault(service, set()).update(variables)
    services = apps.get_model("catalog", "Service").objects.filter(pk__in=given)
    # No secret is read: a key file that is lost is told of in a sentence, elsewhere.
    services = services.only("name", "build")
    for service in services.filter(build_server__kind__in=("gitlab", "jenkins")):
        names = sorted(given[service.pk] - set(service.build.get("variables", {})))
        if names[MOST:]:
            log.warning("variables_not_declared", service=service.name, names=names[MOST:])
        if names:
            service.build = {**service.build, "accepts": names[:MOST]}
            service.save(update_fields=["build"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_sentences")]
    operations = [migrations.RunPython(declare, migrations.RunPython.noop)]

"""Whether what a build server tells of is a build of ours already."""

from slipway.core.builds.state import BuildStage
from slipway.records.catalog.models import Build, Service


def is_known(service: Service, external_id: str) -> bool:
    """Return whether a build of the service stands for that one. One pipeline may make versions of
    several services of one repository."""
    return Build.objects.filter(
        service=service,
        server=service.build_server,
        project=service.build_project,
        external_id=external_id,
    ).exists()


def is_ours(correlation: str) -> bool:
    """Return whether this is a build that was asked for here."""
    return Build.objects.filter(correlation=correlation).exists()


def has_unnamed_orders(service: Service) -> bool:
    """Return whether something was ordered whose id there we do not know yet: until then nobody
    can say whether a build there is ours."""
    return Build.objects.filter(
        server=service.build_server, project=service.build_project, stage=BuildStage.ORDERED
    ).exists()

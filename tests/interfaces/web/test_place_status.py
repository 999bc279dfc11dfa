"""What has drifted, or is dead, is told by one status wherever an instance is shown."""

import pytest
from django.utils import timezone

from slipway.core.hosts.drift_words import Drift, What, kept
from slipway.interfaces.doctor.findings import findings
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.ask import figures
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import V1, Visit
from tests.interfaces.web.reading import laid_flat

EDITED = {"seen_drift": kept((Drift(What.FILES, 1, "bin/app"),))}
DEAD = {"seen_version": "", "healthy": False}
PAGES = ("/", "/services/billing", "/hosts/web-1", f"/services/billing/versions/{V1}")


@pytest.mark.parametrize(
    ("seen", "word", "pill", "why", "kind"),
    [
        (EDITED, "drifted", "is-warn", "edited, added or removed (1): bin/app", "upgrade"),
        ({"seen_version": "0.9"}, "drifted", "is-warn", "it runs 0.9, and should run", "upgrade"),
        (DEAD, "ill", "is-fail", "no process of it runs", "restart"),
    ],
)
def test_every_page_says_it_with_its_reason_and_what_mends_it(
    living: None,
    alice: Person,
    visit: Visit,
    seen: dict[str, object],
    word: str,
    pill: str,
    why: str,
    kind: str,
) -> None:
    Instance.objects.filter(host__name="web-1").update(**seen)
    browser = visit(alice)
    for page in PAGES:
        text = laid_flat(browser.get(page).content.decode())
        assert f'class="pill status {pill}"' in text, page
        assert f"</svg>{word}</span>" in text, page
        assert why in text, page
        assert f"/rollouts/new?kind={kind}&amp;service=billing&amp;environment=prod" in text, page
        assert "hosts=web-1" in text, page


@pytest.mark.parametrize(
    ("seen", "word", "code"), [(EDITED, "drifted", "drift"), (DEAD, "ill", "instances")]
)
def test_the_api_metrics_and_the_doctor_say_the_same(
    living: None, root: Person, seen: dict[str, object], word: str, code: str
) -> None:
    assert all(each.ok for each in findings(timezone.now()) if each.code == code)
    Instance.objects.filter(host__name="web-1").update(**seen)
    shown = root.get("/instances?host=web-1").json()["items"][0]
    assert (shown["status"], shown["why_code"]) == (word, word)
    assert "--env prod --hosts web-1`" in shown["hint"]
    assert dict(figures.instances_by_status(timezone.now())) == {"running": 1, word: 1}
    (told,) = [each for each in findings(timezone.now()) if each.code == code]
    assert not told.ok
    assert f"billing on web-1:8080 ({shown['why']})" in told.said.english
    assert told.said.english_hint == shown["hint"]  # one advice, wherever it is asked for


def test_who_may_not_deploy_reads_the_command_instead_of_a_button(
    living: None, dora: Person, visit: Visit
) -> None:
    Instance.objects.filter(host__name="web-1").update(**EDITED)
    text = visit(dora).get("/services/billing").content.decode()
    assert "/rollouts/new?kind=upgrade&amp;service=billing" not in text
    assert f"slipway upgrade billing {V1} --env prod --hosts web-1" in text

"""Versions that are asked for by words, states and times."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from slipway.core.finding.listings import VERSIONS
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import made_by
from slipway.records.catalog.models import Version
from slipway.records.rows.finding.asked import Asking, Columns, is_one_of, narrowed, time_of

_BY_WORD = {status.word: status for status in VersionStatus}


def versions_asked_for(versions: QuerySet[Version], asking: Asking) -> QuerySet[Version]:
    """Return those of `versions`; a word is a part of name, ref or description, or begins the
    commit."""
    return narrowed(versions, asking, VERSIONS, _COLUMNS)


def with_word(text: str) -> Q:
    return (
        Q(name__icontains=text)
        | Q(ref__icontains=text)
        | Q(description__icontains=text)
        | Q(commit__istartswith=text)
    )


def _begins_with(commits: Sequence[str]) -> Q:
    found = Q(pk__in=[])
    for commit in commits:
        found |= Q(commit__istartswith=commit)
    return found


_COLUMNS = Columns(
    word=with_word,
    fields={
        "state": lambda words: Q(status__in=[_BY_WORD[word] for word in words]),
        "ref": is_one_of("ref"),
        "commit": _begins_with,
        "by": made_by,
    },
    time=time_of("created_at"),
)

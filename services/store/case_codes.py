"""Read the dossier codes of a commune's own cases, which never leave its store for another unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from services.store.store import CASES, Store


def codes_of_cases(store: Store, unit_code: str, case_keys: Iterable[str]) -> Mapping[str, str]:
    """Return the dossier codes of those of some cases that are the commune's own, by the key of the case.

    Who may read them is the caller's to check: nobody else gets them.
    """
    query = select(CASES.c.case_key, CASES.c.dossier_code).where(
        CASES.c.unit_code == unit_code, CASES.c.case_key.in_(list(case_keys))
    )
    with store.read() as conn:
        return {row.case_key: row.dossier_code for row in conn.execute(query)}

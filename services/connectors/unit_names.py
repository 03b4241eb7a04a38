"""Find a commune by its code or by its name within one province."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict

from reporting.dated.units import UnitTable
from services.connectors.errors import BrokenRow
from services.connectors.mapping import Scalar
from services.language.vietnamese import folded

# Words before the name in a column of units; the unit's kind is part of its full name.
_PREFIX = re.compile(
    r"^(?:ubnd|uy ban nhan dan|trung tam phuc vu hanh chinh cong|ttpvhcc|bo phan mot cua)\s+"
)
_KIND = re.compile(r"^(?:xa|phuong|dac khu)\s+")


class UnitNames:
    """The communes of one province by code and by name; a name that two units share finds neither."""

    def __init__(
        self, units: UnitTable, province_code: str, on: dt.date, given: dict[str, Scalar] | None = None
    ) -> None:
        """Index the communes that are valid on a day.

        Args:
            units: the table of units.
            province_code: two digits.
            on: the day.
            given: folded texts of the mapping (`values.unit`) and their codes.

        Raises:
            UnknownUnit: no such province.
        """
        self._province_code = province_code
        self._given = {text: str(code) for text, code in (given or {}).items()}
        names: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, str] = {}
        communes = units.communes_of(province_code, on)
        self.codes = frozenset(unit.code for unit in communes)
        for unit in communes:
            full = folded(unit.full_name)
            self._exact[unit.full_name.casefold()] = unit.code
            for name in (full, _KIND.sub("", full)):
                names[name].add(unit.code)
        self._names = names

    def code_of(self, text: str) -> str:
        """Return the code of the commune.

        Raises:
            BrokenRow: no commune of this province has that code or name, or several have the name.
        """
        plain = folded(text)
        if plain in self._given:
            return self._given[plain]
        if re.fullmatch(r"\d{1,5}", text, re.ASCII):
            code = text.zfill(5)  # a spreadsheet drops leading zeros
            if code not in self.codes:
                raise BrokenRow(f"{code} is no commune of province {self._province_code}", field="unit")
            return code
        if text.casefold() in self._exact:  # two names may differ by their marks alone
            return self._exact[text.casefold()]
        found = self._names.get(_PREFIX.sub("", plain), set()) or self._names.get(plain, set())
        if not found:
            raise BrokenRow(f"no commune of province {self._province_code} has this name", field="unit")
        if len(found) > 1:
            raise BrokenRow(
                f"the name fits {' and '.join(sorted(found))}; add it to values.unit of the mapping",
                field="unit",
            )
        return next(iter(found))

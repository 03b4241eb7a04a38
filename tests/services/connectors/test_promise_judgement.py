from __future__ import annotations

from pathlib import Path

import pytest

from services.access.actors import Actor
from services.acting.promise_acts import PromiseRegister
from services.connectors.errors import ImplausibleFile
from services.connectors.promise_importer import PromiseImporter
from tests.services.connectors.installation import Installation
from tests.services.connectors.tables import xlsx

DEPARTMENT = "38.so_khcn"


def test_a_list_of_villages_is_judged_before_one_is_recorded(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Xã", "Thôn, bản", "Hiện trạng", "Số hộ"],
        ["Xã Bát Mọt", "Bản Vịn", "Lõm sóng", 12],
        ["Xã Bát Mọt", "Bản Vịn", "Lõm sóng", 21],
        ["Xã Bát Mọt", "Bản Đục", "Lõm sóng", 30],
    ]
    path = xlsx(tmp_path / "a.xlsx", rows)
    actor = Actor("department_officer", "38", DEPARTMENT, "import")
    with Installation(tmp_path) as here:
        register = PromiseRegister(here.store, here.texts, here.tables, here.clock)
        importer = PromiseImporter(register, here.tables, here.clock)
        with pytest.raises(ImplausibleFile) as stopped:
            importer.run(path, DEPARTMENT, actor)
        assert stopped.value.names == ("repeated_keys",)
        said = importer.run(path, DEPARTMENT, actor, dry_run=True)
        assert [(one.name, one.lines) for one in said.findings] == [("repeated_keys", (3,))]
        done = importer.run(path, DEPARTMENT, actor, accept=["repeated_keys"])
        assert done.counts["created"] >= 2

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from services.connectors.opening import OpenedFile
from tests.services.connectors.tables import mapping_of

MOST_BYTES = 8_000_000


def _peak(path: Path, folder: Path, text: str) -> tuple[int, int]:
    mapping = mapping_of(folder, text)
    tracemalloc.start()
    count = sum(1 for _ in OpenedFile(path, mapping).records())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


@pytest.mark.slow
def test_a_long_text_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Mã hồ sơ,Ngày tiếp nhận,Ghi chú\n")
        file.writelines(f"HS-{n},02/11/2026,{'x' * 700}\n" for n in range(18_000))
    assert path.stat().st_size > 12_000_000
    text = 'kind = "cases"\n[columns]\nMaHoSo = "Mã hồ sơ"\n'
    count, peak = _peak(path, tmp_path, text)
    assert (count, peak < MOST_BYTES) == (18_000, True), peak


def test_a_long_event_log_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.xes"
    event = '<event><string key="concept:name" value="Nhận"/><date key="time:timestamp" value="2026-11-02T08:00:00Z"/></event>'
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0"?><log>')
        file.writelines(
            f'<trace><string key="concept:name" value="HS-{n}"/><string key="x" value="{"y" * 6_000}"/>{event}</trace>'
            for n in range(2_000)
        )
        file.write("</log>")
    assert path.stat().st_size > 12_000_000
    text = (
        'kind = "events"\n[columns]\nMaHoSo = "case:concept:name"\n'
        'activity = "concept:name"\ntimestamp = "time:timestamp"\n'
    )
    count, peak = _peak(path, tmp_path, text)
    assert (count, peak < MOST_BYTES) == (2_000, True), peak

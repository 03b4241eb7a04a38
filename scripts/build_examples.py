"""Make the files of examples/: two days of a one-stop export as XLSX and XLS, a small XES log, a list of difficulties.

Everything in them is made up. Run: python scripts/build_examples.py [FOLDER]
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import xlsxwriter
import xlwt

FIRST_DAY = dt.date(2026, 11, 19)
SECOND_DAY = dt.date(2026, 11, 20)
COMMUNES = ("Xã Bát Mọt", "Xã Mường Lát", "Phường Hạc Thành")
PROCEDURES = (
    ("1.001193", "Đăng ký khai sinh", "Hộ tịch", 1),
    ("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân", "Hộ tịch", 3),
    ("2.000815", "Chứng thực bản sao từ bản chính", "Chứng thực", 1),
    ("1.013225", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Xây dựng", 15),
    ("1.001612", "Đăng ký thành lập hộ kinh doanh", "Hộ kinh doanh", 3),
)
CHANNELS = ("Trực tiếp", "Trực tuyến", "Bưu chính công ích")
TITLES = (
    "ỦY BAN NHÂN DÂN TỈNH THANH HÓA",
    "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
    "DANH SÁCH HỒ SƠ TIẾP NHẬN VÀ GIẢI QUYẾT",
)
UPPER = ("STT", "Mã hồ sơ", "Đơn vị", "Thủ tục hành chính", "", "Lĩnh vực", "Hình thức nộp", "Chủ hồ sơ")
UPPER_DAYS = ("Ngày", "", "", "", "Trạng thái", "Quá hạn")
LOWER = ("", "", "", "Mã", "Tên", "", "", "", "Tiếp nhận", "Hẹn trả", "Kết thúc xử lý", "Trả kết quả", "", "")


@dataclass(frozen=True)
class Dossier:
    """One row of the export."""

    code: str
    commune: str
    procedure: tuple[str, str, str, int]
    channel: str
    received_at: dt.datetime
    due_on: dt.date
    status: str
    finished_on: dt.date | None = None
    returned_on: dt.date | None = None

    def cells(self, number: int, today: dt.date) -> list[str]:
        """Return the row as the export writes it: everything is text."""
        late = self.due_on < (self.finished_on or today)
        return [
            str(number),
            self.code,
            self.commune,
            self.procedure[0],
            self.procedure[1],
            self.procedure[2],
            self.channel,
            "Nguyễn Văn A",
            f"{self.received_at:%d/%m/%Y %H:%M}",
            f"{self.due_on:%d/%m/%Y}",
            f"{self.finished_on:%d/%m/%Y}" if self.finished_on else "",
            f"{self.returned_on:%d/%m/%Y}" if self.returned_on else "",
            self.status,
            "Quá hạn" if late else "Trong hạn",
        ]


def first_day() -> list[Dossier]:
    """Draw the dossiers of the first day; the same at every run."""
    draw = random.Random(38)  # noqa: S311 -- an example is no secret
    found = []
    for number in range(1, 37):
        procedure = draw.choice(PROCEDURES)
        received_on = FIRST_DAY - dt.timedelta(days=draw.randint(0, 20))
        dossier = Dossier(
            code=f"000.17.22.H56-{received_on:%y%m%d}-{number:04d}",
            commune=COMMUNES[number % 3],
            procedure=procedure,
            channel=draw.choice(CHANNELS),
            received_at=dt.datetime.combine(
                received_on, dt.time(8 + draw.randint(0, 7), draw.randint(0, 59))
            ),
            due_on=received_on + dt.timedelta(days=procedure[3]),
            status=draw.choice(("Được tiếp nhận", "Đang xử lý", "Đang xử lý", "Yêu cầu bổ sung giấy tờ")),
        )
        if draw.random() < 0.3:  # noqa: PLR2004 -- a share drawn at random
            dossier = replace(dossier, status="Đã xử lý xong", finished_on=FIRST_DAY)
        found.append(dossier)
    return found


def second_day(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """Move the dossiers on by a day: one vanishes, some end, three are new."""
    moved = []
    for dossier in dossiers[1:]:
        if dossier.status == "Đã xử lý xong":
            moved.append(replace(dossier, status="Đã trả kết quả", returned_on=SECOND_DAY))
        elif dossier.status == "Đang xử lý" and dossier.code[-1] in "13579":
            moved.append(replace(dossier, status="Đã xử lý xong", finished_on=SECOND_DAY))
        else:
            moved.append(dossier)
    for number in range(37, 40):
        procedure = PROCEDURES[number % 5]
        moved.append(
            Dossier(
                code=f"000.17.22.H56-{SECOND_DAY:%y%m%d}-{number:04d}",
                commune=COMMUNES[number % 3],
                procedure=procedure,
                channel=CHANNELS[number % 3],
                received_at=dt.datetime.combine(SECOND_DAY, dt.time(9, number)),
                due_on=SECOND_DAY + dt.timedelta(days=procedure[3]),
                status="Được tiếp nhận",
            )
        )
    return moved


def write_xlsx(path: Path, dossiers: Sequence[Dossier], today: dt.date) -> None:
    """Write an export with titles, a header of two merged lines, a total and a signature."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": dt.datetime.combine(today, dt.time(17))})
        sheet = book.add_worksheet("Danh sách")
        for row, title in enumerate(TITLES):
            sheet.merge_range(row, 0, row, len(LOWER) - 1, title)
        sheet.write(3, 0, f"Ngày xuất: {today:%d/%m/%Y}")
        sheet.merge_range(4, 3, 4, 4, "Thủ tục hành chính")
        sheet.merge_range(4, 8, 4, 11, "Ngày")
        for column, (over, under) in enumerate(zip((*UPPER, *UPPER_DAYS), LOWER, strict=True)):
            if not under:
                sheet.merge_range(4, column, 5, column, over)
            else:
                sheet.write(5, column, under)
        sheet.write_row(6, 0, [f"({number})" for number in range(1, len(LOWER) + 1)])
        for number, dossier in enumerate(dossiers, start=1):
            sheet.write_row(6 + number, 0, dossier.cells(number, today))
        end = 7 + len(dossiers)
        sheet.merge_range(end, 0, end, 2, f"Tổng cộng: {len(dossiers)} hồ sơ")
        sheet.write(end + 2, 10, f"Thanh Hóa, ngày {today:%d} tháng {today:%m} năm {today:%Y}")
        sheet.write_row(end + 3, 9, ["Người lập biểu", "Thủ trưởng đơn vị", "(Ký tên)"])


def write_xls(path: Path, dossiers: Sequence[Dossier], today: dt.date) -> None:
    """Write the same export in the older format."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Danh sách")
    for row, title in enumerate(TITLES):
        sheet.write_merge(row, row, 0, len(LOWER) - 1, title)
    sheet.write(3, 0, f"Ngày xuất: {today:%d/%m/%Y}")
    sheet.write_merge(4, 4, 3, 4, "Thủ tục hành chính")
    sheet.write_merge(4, 4, 8, 11, "Ngày")
    for column, (over, under) in enumerate(zip((*UPPER, *UPPER_DAYS), LOWER, strict=True)):
        if not under:
            sheet.write_merge(4, 5, column, column, over)
        else:
            sheet.write(5, column, under)
    for number, dossier in enumerate(dossiers, start=1):
        for column, text in enumerate(dossier.cells(number, today)):
            sheet.write(5 + number, column, text)
    end = 6 + len(dossiers)
    sheet.write_merge(end, end, 0, 2, f"Tổng cộng: {len(dossiers)} hồ sơ")
    sheet.write(end + 2, 9, "Người lập biểu")
    book.save(str(path))


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
{traces}</log>
"""
TRACE = """  <trace>
    <string key="concept:name" value="{code}"/>
    <string key="channel" value="{channel}"/>
    <date key="enddate_planned" value="{due}"/>
{events}  </trace>
"""
EVENT = """    <event>
      <string key="concept:name" value="{activity}"/>
      <date key="time:timestamp" value="{at}"/>
    </event>
"""
ACTIVITIES = ("Tiếp nhận", "Phân công", "Thẩm định", "Trả kết quả")


def write_xes(path: Path) -> None:
    """Write three cases as an event log (IEEE 1849)."""
    traces = []
    for number, channel in enumerate(CHANNELS, start=1):
        start = dt.datetime(2026, 11, 16 + number, 8, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))
        events = [
            EVENT.format(activity=activity, at=(start + dt.timedelta(hours=3 * place)).isoformat())
            for place, activity in enumerate(ACTIVITIES[: number + 1])
        ]
        due = (start + dt.timedelta(days=3)).isoformat()
        code = f"000.17.22.H56-{start:%y%m%d}-9{number:03d}"
        traces.append(TRACE.format(code=code, channel=channel, due=due, events="".join(events)))
    path.write_text(XES.format(traces="".join(traces)), encoding="utf-8")


def write_issues(path: Path) -> None:
    """Write a list of difficulties as a department collects it in a spreadsheet."""
    rows = (
        (
            "Đơn vị",
            "Khó khăn, vướng mắc",
            "Mức độ",
            "Địa điểm",
            "Nội dung",
            "Đề nghị",
            "Đã làm",
            "Số người",
            "Số hồ sơ",
            "Ngày phát sinh",
        ),
        (
            "Xã Bát Mọt",
            "Điểm lõm sóng di động",
            "Cao",
            "Bản Vịn",
            "Cả bản không có sóng của ba nhà mạng",
            "Đề nghị lắp trạm phát sóng tại bản",
            "Đã đo sóng tại nhà văn hóa",
            "120",
            "3",
            "03/11/2026",
        ),
        (
            "Xã Bát Mọt",
            "Chưa có điện lưới quốc gia",
            "Trung bình",
            "Bản Đục",
            "Bản chưa có điện lưới, cách đường dây gần nhất 6 km",
            "Đề nghị đưa bản vào dự án cấp điện",
            "Dùng máy phát của xã",
            "85",
            "0",
            "05/11/2026",
        ),
        (
            "Xã Mường Lát",
            "Điện chập chờn, mất điện kéo dài",
            "Thấp",
            "Khu 2",
            "Mỗi tuần mất điện hai lần, không báo trước",
            "Đề nghị sửa đường dây và báo trước lịch cắt điện",
            "Đã báo điện lực",
            "300",
            "12",
            "10/11/2026",
        ),
    )
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def main() -> None:
    """Write every example into the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "examples"
    before = first_day()
    write_xlsx(folder / "one_stop_2026-11-19.xlsx", before, FIRST_DAY)
    write_xls(folder / "one_stop_2026-11-20.xls", second_day(before), SECOND_DAY)
    write_xes(folder / "permits.xes")
    write_issues(folder / "difficulties.csv")
    print(f"examples written to {folder}")


if __name__ == "__main__":
    main()

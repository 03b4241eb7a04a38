"""Texts of simulated officers: the difficulty and the requested help; a few of each kind, naming nobody."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Saying(NamedTuple):
    """The two texts of one report, in the words of an officer."""

    content: str
    request: str


WORDS: Mapping[str, Sequence[Saying]] = {
    "mobile_dead_spot": (
        Saying(
            "Cả bản không có sóng của ba nhà mạng; muốn gọi điện, người dân phải lên đồi cách bản khoảng 2 km.",
            "Đề nghị lắp trạm phát sóng tại bản và thông báo ngày hoàn thành để xã thông tin cho bà con.",
        ),
        Saying(
            "Sóng chập chờn, buổi tối mất hẳn; người dân không nhận được mã xác thực khi nộp hồ sơ trực tuyến.",
            "Đề nghị đo kiểm vùng phủ sóng và bổ sung trạm phát sóng tại bản.",
        ),
        Saying(
            "Từ đầu tháng trạm gần nhất ngừng hoạt động, trưởng bản không liên lạc được khi có mưa lớn.",
            "Đề nghị sửa trạm trước mùa mưa; trong lúc chờ, bố trí trạm phát sóng lưu động.",
        ),
    ),
    "no_fixed_internet": (
        Saying(
            "Cáp Internet mới đến đầu đường, chưa kéo vào bản; điểm trường và nhà văn hóa không có mạng cố định.",
            "Đề nghị kéo cáp vào bản, ưu tiên điểm trường và nhà văn hóa.",
        ),
        Saying(
            "Chưa có đường truyền cố định; chỉ có mạng di động chập chờn, không họp trực tuyến với tỉnh được.",
            "Đề nghị đưa bản vào kế hoạch kéo cáp năm nay và thông báo thời gian thi công.",
        ),
        Saying(
            "Đã đăng ký lắp đặt từ quý trước, doanh nghiệp trả lời chưa có hạ tầng và không nêu ngày thực hiện.",
            "Đề nghị yêu cầu doanh nghiệp trả lời rõ ngày lắp đặt.",
        ),
    ),
    "power_unstable": (
        Saying(
            "Điện yếu vào giờ làm việc, máy tính và máy in thường tự tắt; hồ sơ đang nhập bị mất.",
            "Đề nghị ngành điện kiểm tra trạm biến áp và nâng công suất cho khu trung tâm.",
        ),
        Saying(
            "Mỗi tuần mất điện hai đến ba lần, có lần cả buổi sáng, không được báo trước.",
            "Đề nghị thông báo lịch cắt điện trước hai ngày và sửa đường dây đã xuống cấp.",
        ),
        Saying(
            "Đường dây đi qua rừng, cứ có gió lớn là mất điện; máy phát chỉ đủ cho bộ phận tiếp nhận hồ sơ.",
            "Đề nghị phát quang hành lang lưới điện và hỗ trợ máy phát dự phòng.",
        ),
    ),
    "newborn_personal_id": (
        Saying(
            "Đăng ký khai sinh xong nhưng số định danh cá nhân của trẻ chưa được trả về, chưa cấp được thẻ bảo hiểm y tế.",
            "Đề nghị kiểm tra đường truyền giữa hai cơ sở dữ liệu và hướng dẫn cách xử lý các hồ sơ đang treo.",
        ),
        Saying(
            "Hồ sơ liên thông báo lỗi trùng thông tin của cha mẹ, gửi lại nhiều lần vẫn bị từ chối.",
            "Đề nghị hướng dẫn cách đính chính để được cấp số định danh.",
        ),
    ),
    "land_db_not_connected": (
        Saying(
            "Phần mềm một cửa chưa tra cứu được dữ liệu đất đai, phải gửi công văn xác minh từng thửa.",
            "Đề nghị mở kết nối hoặc cấp tài khoản tra cứu cho công chức địa chính.",
        ),
        Saying(
            "Bản đồ địa chính trên hệ thống chưa cập nhật sau sắp xếp đơn vị hành chính, nhiều thửa không tìm thấy.",
            "Đề nghị cập nhật dữ liệu theo đơn vị hành chính mới và báo ngày hoàn thành.",
        ),
        Saying(
            "Tài khoản tra cứu đất đai cũ đã bị khóa, tài khoản mới chưa được cấp.",
            "Đề nghị cấp lại tài khoản và hướng dẫn sử dụng.",
        ),
    ),
    "digital_illiteracy": (
        Saying(
            "Nhiều người lớn tuổi không có điện thoại thông minh, không tự nộp được hồ sơ trực tuyến.",
            "Đề nghị tập huấn cho tổ công nghệ số cộng đồng và cho phép nộp hộ tại nhà văn hóa.",
        ),
        Saying(
            "Người dân quên mật khẩu tài khoản định danh nhiều lần, công chức phải làm lại từ đầu cho từng người.",
            "Đề nghị bố trí ngày hỗ trợ cấp lại tài khoản lưu động tại các thôn.",
        ),
    ),
    "equipment_lack": (
        Saying(
            "Trung tâm chỉ có một máy quét đã cũ, quét một bộ hồ sơ mất gần nửa giờ.",
            "Đề nghị trang bị hai máy quét tốc độ cao và một máy in.",
        ),
        Saying(
            "Máy tính được bàn giao từ trước khi sắp xếp, không cài được phần mềm ký số mới.",
            "Đề nghị thay ba máy tính cho vị trí tiếp nhận hồ sơ.",
        ),
    ),
    "staff_shortage": (
        Saying(
            "Hai công chức chuyển công tác, vị trí đất đai và tài chính chưa có người thay; mỗi người kiêm ba lĩnh vực.",
            "Đề nghị biệt phái một công chức địa chính trong ba tháng, chờ tuyển dụng.",
        ),
        Saying(
            "Số hồ sơ tăng gấp đôi sau sắp xếp, biên chế giữ nguyên; công chức làm thêm cả ngày nghỉ vẫn không kịp.",
            "Đề nghị giao bổ sung biên chế hoặc cho hợp đồng lao động thời vụ.",
        ),
    ),
    "vneid_household_mismatch": (
        Saying(
            "Thông tin hộ gia đình trên ứng dụng định danh khác với dữ liệu cư trú, hồ sơ bị hệ thống từ chối.",
            "Đề nghị đối soát dữ liệu và hướng dẫn quy trình sửa cho người dân.",
        ),
        Saying(
            "Nhiều hộ tách sổ từ năm ngoái, dữ liệu vẫn hiện địa chỉ cũ nên không làm được thủ tục.",
            "Đề nghị cập nhật lại dữ liệu cư trú theo địa chỉ sau sắp xếp.",
        ),
    ),
    "transport_distance": (
        Saying(
            "Từ bản đến trung tâm hành chính đi cả buổi, mùa mưa đường trơn không đi được xe máy.",
            "Đề nghị duy trì điểm tiếp nhận hồ sơ tại trụ sở cũ, mỗi tuần hai buổi.",
        ),
        Saying(
            "Người già, người khuyết tật ở các bản xa không đến được trung tâm để làm thủ tục.",
            "Đề nghị hỗ trợ kinh phí xe cho đoàn tiếp nhận hồ sơ lưu động.",
        ),
    ),
    "decentralisation_unclear": (
        Saying(
            "Cùng một thủ tục, văn bản phân cấp ghi cấp xã giải quyết, quyết định công bố thủ tục lại ghi cấp tỉnh.",
            "Đề nghị hướng dẫn cơ quan nào tiếp nhận, giải quyết để trả lời người dân.",
        ),
        Saying(
            "Việc trước đây do cấp huyện thực hiện, nay chưa thấy văn bản giao cho cơ quan nào.",
            "Đề nghị xác định cơ quan thực hiện và mẫu hồ sơ kèm theo.",
        ),
    ),
    "ministry_system_error": (
        Saying(
            "Phần mềm chuyên ngành đăng nhập được nhưng không lưu được hồ sơ, báo lỗi vào giờ cao điểm.",
            "Đề nghị cơ quan quản lý phần mềm khắc phục và thông báo thời gian hoạt động trở lại.",
        ),
        Saying(
            "Hệ thống không trả kết quả về phần mềm một cửa của tỉnh, hồ sơ đã xong vẫn hiện quá hạn.",
            "Đề nghị kiểm tra kết nối và đồng bộ lại trạng thái hồ sơ.",
        ),
    ),
    "one_stop_system_error": (
        Saying(
            "Phần mềm một cửa không mở được từ đầu giờ sáng, không tiếp nhận được hồ sơ mới.",
            "Đề nghị khắc phục và gia hạn ngày hẹn trả cho hồ sơ tiếp nhận trong thời gian lỗi.",
        ),
        Saying(
            "Hệ thống rất chậm, ký số báo lỗi liên tục; hồ sơ phải ghi giấy để nhập lại sau.",
            "Đề nghị khắc phục lỗi ký số và thông báo khi hệ thống ổn định.",
        ),
    ),
}
CUT_WORDS = (
    Saying(
        "Đường dây trung áp bị sạt lở làm đổ cột, toàn bộ khu vực mất điện từ sáng.",
        "Đề nghị ngành điện khôi phục đường dây trong ngày và hỗ trợ máy phát cho trạm y tế.",
    ),
)
"""A power cut that strikes a whole commune."""
FAILURE_WORDS: Mapping[str, Sequence[Saying]] = {
    "mobile_dead_spot": (
        Saying(
            "Trạm phát sóng hết pin dự phòng sau khi mất điện, khu trung tâm không liên lạc được.",
            "Đề nghị đưa máy phát đến trạm và nối lại sóng trong ngày.",
        ),
    ),
    "no_fixed_internet": (
        Saying(
            "Mất điện làm tủ cáp ngừng hoạt động, trung tâm không có Internet để tiếp nhận hồ sơ.",
            "Đề nghị cấp nguồn dự phòng cho tủ cáp cho đến khi có điện lại.",
        ),
    ),
}
"""Difficulties that follow a power cut, as the communes without power report them."""


def said_about(sayings: Sequence[Saying], seed: str) -> Saying:
    """Return one of some sayings, the same for the same seed."""
    return random.Random(f"{seed}:words").choice(sayings)

"""Why a paper is not taken, or not given out."""

from __future__ import annotations

from engine.errors import InvalidInput, RedressError


class PaperRefused(InvalidInput):
    """The file is not one that can be kept here."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english, message_zh=chinese)


class PaperTooLarge(PaperRefused):
    """The file is larger than its kind may be."""


class TooSlow(RedressError):
    """The file came so slowly that receiving it was given up; nothing was kept, send it again."""

    def __init__(self) -> None:
        super().__init__(message_zh="文件传输太慢，已停止接收，没有保存任何内容，请重新上传。")


class ScanFailed(RedressError):
    """The scanner gave no verdict on the file, and without one no file is taken."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The file was not taken: the scanner {why}, and without its verdict nothing is kept; try again later.",
            message_zh="没有保存文件：病毒扫描没有得出结论，未经扫描的文件一律不收，请稍后再试。",
        )


class PaperDamaged(RedressError):
    """What is stored is not what was put there; it is not given out."""

    def __init__(self, attachment_id: object) -> None:
        super().__init__(
            f"The content of the attachment {attachment_id} was asked for, but what is stored is no longer what was put "
            "there; it is not given out and an operator has been told.",
            message_zh="附件的存储内容与登记时不一致，已停止提供并通知运维人员。",
        )

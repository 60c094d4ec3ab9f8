"""What the sources refer to and nobody has: the register holds our own values until it is found (domain §1.10 #3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing paper: what it is, where it is referred to, and the codes of the register whose limits it would settle."""

    name_zh: str
    name_en: str
    clause: str
    codes: tuple[str, ...] = ()


MISSING: tuple[Missing, ...] = (
    Missing("附录C 各环节处理时限", "Appendix C: limits of the stages", "003§2.4.2", ("R01.stage",)),
    Missing("附录B 流程图", "Appendix B: flow charts", "003§2.4"),
    Missing("投诉处理规范", "Complaint handling standard", "003"),
    Missing("网间互联互通专项办法", "Special rules for interconnection", "003§2.4.4"),
    Missing("服务质量监督考核办法", "Assessment of service quality", "003§2.8"),
    Missing("处罚金额表（xlsx）", "Table of penalty amounts (xlsx)", "000 part 5"),
    Missing("附件一、二、三（潜在问题列表等）", "Annexes 1, 2, 3 (list of possible problems …)", "002§8"),
)

"""A verdict for readers: a sign, its word and a tone. The tone is a colour, and never alone."""

from dataclasses import dataclass
from typing import Literal

from workflow.analysis.claims.results import AUDIT_SYMBOLS, AuditVerdict
from workflow.analysis.evidence.gains import Claim
from workflow.analysis.evidence.number import SYMBOLS, Verdict

Tone = Literal["good", "bad", "unsure", "data", "none"]

_TONES: dict[Tone, tuple[str, ...]] = {
    "good": (AuditVerdict.CONSISTENT, AuditVerdict.SUPPORTED, Verdict.REPRODUCED, Claim.SHOWN),
    "bad": (
        *(AuditVerdict.INCONSISTENT, AuditVerdict.CONTRADICTED, AuditVerdict.REFUTED),
        *(Verdict.DIFFERS, Verdict.FAILED, Claim.LOSS),
    ),
    "unsure": (
        *(AuditVerdict.DOUBTFUL, AuditVerdict.PARTLY, AuditVerdict.UNSUPPORTED, AuditVerdict.INCONCLUSIVE),
        *(Verdict.OTHER_PROTOCOL, Claim.OPEN, Claim.EQUAL),
    ),
    "data": (Verdict.OTHER_DATA, Verdict.TWIN),
}
_GAINS: dict[Claim, str] = {
    Claim.SHOWN: "✓",
    Claim.LOSS: "≠",
    Claim.EQUAL: "=",
    Claim.OPEN: "~",
    Claim.TOO_FEW: "·",
    Claim.NO_SPREAD: "·",
    Claim.MISSING: "·",
}
SIGNS: dict[str, str] = {
    **{str(word): sign for word, sign in _GAINS.items()},
    **{str(word): sign for word, sign in AUDIT_SYMBOLS.items()},
    **{str(word): sign for word, sign in SYMBOLS.items()},
}
_TONE_OF: dict[str, Tone] = {str(word): tone for tone, words in _TONES.items() for word in words}


@dataclass(frozen=True)
class Sign:
    """A verdict as it is shown."""

    word: str
    sign: str
    tone: Tone

    @property
    def slug(self) -> str:
        """The word as one token, for filters."""
        return slug(self.word)


def sign_of(verdict: str) -> Sign:
    """Look a verdict up.

    Examples
    --------
    >>> sign_of("refuted")
    Sign(word='refuted', sign='≠', tone='bad')
    """
    return Sign(str(verdict), SIGNS[verdict], _TONE_OF.get(str(verdict), "none"))


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens only.

    Examples
    --------
    >>> slug("other data (twin)")
    'other-data-twin'
    """
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text.lower())
    return "-".join(part for part in plain.split("-") if part)

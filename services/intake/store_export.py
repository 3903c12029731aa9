"""What intake holds about an enquiry (Art. 15 GDPR)."""

from shared.exporting import LeftOut, Portion, Portions

PORTIONS = Portions(
    [Portion("enquiry", "id = $1", without=("code_hash", "sealed"))],  # what is sealed, person has or will have
    {"attempt": LeftOut.NOBODYS},
)

"""What coordination holds about an enquiry, and what it has published of it (Art. 15 GDPR)."""

from shared.exporting import LeftOut, Portion, Portions

PORTIONS = Portions(
    [
        Portion("enquiry", "enquiry_id = $1"),
        Portion("consent", "enquiry_id = $1"),
        Portion("early_event", "enquiry_id = $1"),
        Portion("published", "enquiry_id = $1"),
        Portion(
            "municipal_event",
            "id in (select municipal_id from published where enquiry_id = $1)",
            without=("salts", "commitments", "previous_hash", "hash"),
        ),
    ],
    dict.fromkeys(
        ("erased_enquiry", "stream_head", "daily_cell", "unmet_cell", "waiting_cell", "measure", "finding"),
        LeftOut.NOBODYS,
    ),
)

"""What scheduling holds about an enquiry (Art. 15 GDPR). A client's resource has the enquiry's id."""

from shared.exporting import LeftOut, Portion, Portions

_OF_BOOKING = "booking_id in (select id from booking where enquiry_id = $1)"

PORTIONS = Portions(
    [
        Portion("booking", "enquiry_id = $1"),
        Portion("proposed_slot", _OF_BOOKING, without=("recent_talks",)),  # how much an interpreter works
        Portion("reservation", _OF_BOOKING),
        Portion("calendar_entry", _OF_BOOKING),
        Portion("reminder", _OF_BOOKING),
        Portion("interrupted_talk", _OF_BOOKING),
        Portion("waiting_talk", _OF_BOOKING, without=("freed",)),  # whose time it was
        Portion("series", "enquiry_id = $1"),
        Portion("series_gap", "series_id in (select id from series where enquiry_id = $1)"),
        Portion("withdrawn_enquiry", "enquiry_id = $1"),
        Portion("case_file", "enquiry_id = $1"),
        Portion("counselling_ended", "enquiry_id = $1"),
        Portion("resource", "id = $1"),
        Portion("availability_window", "resource_id = $1"),
        Portion("availability_rule", "resource_id = $1"),
        Portion("absence", "resource_id = $1"),
    ],
    {
        "ranked_candidate": LeftOut.RIGHTS_OF_OTHERS,  # in which order interpreters are asked
        "lead_time": LeftOut.NOBODYS,
        "freed_time": LeftOut.NOBODYS,
        "calendar_feed": LeftOut.NOBODYS,
        "foreign_calendar": LeftOut.NOBODYS,
        "foreign_busy": LeftOut.NOBODYS,
    },
)

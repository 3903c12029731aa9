"""What interpreter holds about an enquiry (Art. 15 GDPR)."""

from shared.exporting import LeftOut, Portion, Portions

_OF_ASSIGNMENT = "assignment_id in (select id from assignment where enquiry_id = $1)"

PORTIONS = Portions(
    [
        Portion("ranking", "enquiry_id = $1"),
        Portion(
            "open_request",
            "booking_id in (select booking_id from ranking where enquiry_id = $1)",
            without=("planned_interpreter",),
        ),
        Portion("planned_request", "enquiry_id = $1", without=("outcome",)),  # what speaks for whom
        Portion("case_needs", "enquiry_id = $1"),
        Portion("offer", "enquiry_id = $1"),
        Portion("offer_answer", "offer_id in (select id from offer where enquiry_id = $1)", without=("link_made_by",)),
        Portion("assignment", "enquiry_id = $1"),
        Portion("fee_quote", _OF_ASSIGNMENT),
        Portion("feedback", f"by = 'participant' and {_OF_ASSIGNMENT}"),  # what others said is of the interpreter
    ],
    {
        "ranked_candidate": LeftOut.RIGHTS_OF_OTHERS,  # why one interpreter comes before another
        "offer_link": LeftOut.SECRET,
        "assignment_plan": LeftOut.NOBODYS,
        "interpreter": LeftOut.NOBODYS,
        "conflict": LeftOut.NOBODYS,
        "availability_window": LeftOut.NOBODYS,
        "availability_rule": LeftOut.NOBODYS,
        "absence": LeftOut.NOBODYS,
        "erased_fee": LeftOut.NOBODYS,
        "told_lead_times": LeftOut.NOBODYS,
    },
)

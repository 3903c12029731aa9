"""What case holds about an enquiry (Art. 15 GDPR). Notes stay encrypted: person, who is asking, can open them."""

from shared.exporting import LeftOut, Portion, Portions

_OF_CASE = "case_id in (select id from case_file where enquiry_id = $1)"
_OF_STEP = f"step_id in (select id from step where {_OF_CASE})"  # noqa: S608 - ours
_OF_ASSESSMENT = f"assessment_id in (select id from assessment where {_OF_CASE})"  # noqa: S608 - ours

PORTIONS = Portions(
    [
        Portion("enquiry", "id = $1"),
        Portion("consent", "enquiry_id = $1"),
        Portion("access_log", "enquiry_id = $1"),
        Portion("case_file", "enquiry_id = $1"),
        Portion("talk", _OF_CASE),
        Portion("goal", _OF_CASE),
        Portion("step", _OF_CASE),
        Portion("reminder", _OF_STEP),
        Portion("assessment", _OF_CASE),
        Portion("rating", _OF_ASSESSMENT),
        Portion("referral", _OF_CASE),
        Portion("conference", _OF_CASE),
        Portion("hand_over", _OF_CASE),
        Portion("note", _OF_CASE),
    ],
    {
        "choice": LeftOut.RIGHTS_OF_OTHERS,  # how much work each case manager has
        "conflict": LeftOut.RIGHTS_OF_OTHERS,  # what a case manager told of themselves
        "case_manager": LeftOut.NOBODYS,
        "finding": LeftOut.NOBODYS,
        "finding_batch": LeftOut.NOBODYS,
    },
)

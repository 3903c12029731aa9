"""What the vault holds about a person (Art. 15 GDPR); `$1` is the person's id. What is encrypted is added opened."""

from shared.exporting import LeftOut, Portion, Portions

_OF_PERSON = "enquiry_id in (select enquiry_id from enquiry where person_id = $1)"

PORTIONS = Portions(
    [
        Portion("person", "id = $1", without=("data_key", "master_version", "contact")),
        Portion("enquiry", "person_id = $1"),
        Portion("consent", _OF_PERSON),
        Portion("responsibility", _OF_PERSON),
        Portion("retention_clock", _OF_PERSON),
        Portion("access_log", "person_id = $1"),
        Portion("merge", "person_id = $1 or survivor_id = $1"),
        Portion("offer_notice", _OF_PERSON, without=("offer_id", "interpreter_id")),
        Portion("message", "person_id = $1", without=("content",)),
        Portion("one_time_code", "person_id = $1", without=("digest",)),
        Portion("verified_contact", "person_id = $1"),
        Portion("second_factor", "person_id = $1", without=("digest",)),
        Portion("fetch_due", _OF_PERSON),
        Portion("published_event", _OF_PERSON),
    ],
    {
        "duplicate_candidate": LeftOut.RIGHTS_OF_OTHERS,  # the other record may be somebody else's
        "blind_index": LeftOut.SECRET,
        **dict.fromkeys(
            ("master_key", "sealing_key", "conflict_key", "interpreter_contact", "erasure"), LeftOut.NOBODYS
        ),
    },
)

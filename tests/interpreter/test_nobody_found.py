"""Nobody is found: the language is unmet at once, and everybody sees what could still be tried."""

from services.interpreter.neighbours import NEIGHBOURS
from services.scheduling.booking import State
from services.scheduling.views import BookingView
from shared.clock import now
from shared.contracts.vocabulary import Gender, NextOption
from tests.interpreter.agency import Agency
from tests.interpreter.chain import Chain
from tests.interpreter.people import ALPEN
from tests.interpreter.test_community import VILLAGE


async def test_an_unmet_talk_says_at_once_what_could_still_be_tried(chain: Chain) -> None:
    await chain.knows(gender=Gender.MALE)
    enquiry = await chain.accept(gender=Gender.FEMALE, gender_binding=True)
    booking = await chain.booking(enquiry)
    assert booking.state is State.UNMET
    assert BookingView.of(booking, [booking], [], now(), to_participant=False).next_options == [
        NextOption.OTHER_GENDER,
        NextOption.NEIGHBOUR_COUNTY,
    ]


async def test_where_all_refuse_later_the_general_options_are_left(chain: Chain) -> None:
    near = await chain.knows()
    enquiry = await chain.accept()
    await chain.states_conflicts_of(near.id, VILLAGE)
    await chain.states_conflicts(enquiry, VILLAGE)
    booking = await chain.choose(enquiry)
    assert booking.state is State.UNMET
    assert NextOption.NEIGHBOUR_COUNTY in booking.next_options


async def test_case_managers_see_whose_pools_can_be_asked_and_what_of_it_is_assumed(agency: Agency) -> None:
    shown = (await agency.client.get("/neighbour-counties", headers=agency.token("case_manager"))).json()
    assert {"ags": "05154", "name": "Kreis Kleve", "takes_requests": True, "assumed": ["takes_requests"]} in shown
    assert len(shown) == len({each.ags for each in NEIGHBOURS})
    assert not any(ALPEN.startswith(each["ags"]) for each in shown), "not Kreis Wesel itself"

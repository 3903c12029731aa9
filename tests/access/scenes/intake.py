"""An enquiry from Dinslaken that waits for triage."""

from tests.access.house import Call, Owners, Running, Scene
from tests.intake.desk import clerk_enquiry, enquiry


async def make(running: Running) -> Scene:
    answer = await running.client.post("/enquiries", json=enquiry())
    receipt = answer.raise_for_status().json()
    owners = Owners(enquiry=receipt["enquiry_id"])
    at = {"enquiry_id": owners.enquiry}
    return Scene(
        owners,
        {
            ("POST", "/enquiries"): Call(body=enquiry()),
            ("POST", "/participant/token"): Call(body={"code": receipt["code"]}),
            ("GET", "/jwks"): Call(),
            ("GET", "/.well-known/openid-configuration"): Call(),
            ("POST", "/clerk/enquiries"): Call(body=clerk_enquiry()),
            ("GET", "/enquiries"): Call(query={"limit": "10"}),
            ("GET", "/enquiries/{enquiry_id}"): Call(at),
            ("POST", "/enquiries/{enquiry_id}/triage"): Call(at, body={"decision": "redirect", "service": "mbe"}),
            ("POST", "/enquiries/{enquiry_id}/withdraw"): Call(at, body={"reason": "not_reached"}),
            ("DELETE", "/enquiries/{enquiry_id}/code"): Call(at),
            ("GET", "/internal/enquiries/{enquiry_id}/sealed"): Call(at),
        },
        traces=frozenset({str(owners.enquiry), "46535"}),
    )

"""What can go wrong between a browser and the services."""

from shared.errors import DomainError, Forbidden


class FormOutdated(Forbidden):
    """The form is not one that this browser got from us, or it is too old. Please load the page again."""


class SignInFailed(DomainError):
    """Signing in did not work. Please try again."""

    status = 401


class NotSignedIn(Exception):
    """There is no session, or it is over: the browser is sent to sign in. `staff.not_signed_in` answers it."""

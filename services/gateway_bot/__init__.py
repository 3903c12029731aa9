"""The Telegram gateway: takes an enquiry and tells its status. It keeps nothing of the domain."""

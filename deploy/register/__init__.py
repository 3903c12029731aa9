"""The record of processing activities (Art. 30 GDPR), made from contracts and schemas; see `__main__`."""

"""What can go wrong with a log, said so that a person knows what to do."""


class LogError(Exception):
    """The log cannot do what was asked."""


class LogBusyError(LogError):
    """Another process is writing to the log and did not finish in time."""


class PrivacyError(LogError):
    """What was asked of a person's data cannot be done. Says why, and what to do."""

"""The street that `telecared demo` plays: broker, daemon, phones and residents in one process."""

"""What Tocsin says to people besides pages: reminders, offers, changes of their shifts, warnings."""

from tocsin.core.messages.message import Message, MessageId

__all__ = ["Message", "MessageId"]

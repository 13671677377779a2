"""What a house says of its mail: plain values, no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LANGUAGES = ("en", "fr")
ENCRYPTIONS = ("starttls", "tls", "none")
LARGEST_PORT = 65_535
LONGEST_WAIT_S = 600


@dataclass(frozen=True, slots=True)
class MailSettings:
    """No mail for refunds older than `start`; `user` logs in with the secret `mail.<environment>`.

    `certificates` is a file of authorities to trust instead of the system's.
    """

    start: date
    sender: str
    host: str
    port: int = 587
    encryption: str = "starttls"
    user: str = ""
    reply_to: str = ""
    language: str = "en"
    certificates: str = ""
    timeout_s: int = 60

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def is_this_machine(host: str) -> bool:
    """Does this name mean this very machine, whatever the network says?"""
    if host == "localhost":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

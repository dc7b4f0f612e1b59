"""People whom a proxy in front of the HTTP door has signed in: believed from its own addresses, and from nowhere else.

oauth2-proxy with `--set-xauthrequest` behind nginx's `auth_request` is one
(https://oauth2-proxy.github.io/oauth2-proxy/configuration/integration). It answers for having taken these headers off what
browsers send; here a request with two of one is refused all the same.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inlay.errors import Forbidden, InvalidInput
from inlay.person import Person, Role
from inlay.studio.people import checked_name

USER_HEADER = "X-Auth-Request-Email"
FORWARDED_FOR = "x-forwarded-for"

GROUP_PREFIX = "inlay-"
PROJECT_PREFIX = "inlay-project-"
_ROLES = (Role.ADMIN, Role.LEAD, Role.ARTIST)

FOREIGN = (403, b"only the studio's proxy may say who somebody is\n")
DOUBLED = (400, b"the proxy's headers are there more than once\n")
CROSS_SITE = (403, b"pages from elsewhere may not ask this\n")


class SignedIn(NamedTuple):
    """What a proxy says of whoever calls."""

    user: str
    groups: str
    came_from: str
    """The address that the proxy was called from; empty where it does not say."""


@dataclass(frozen=True)
class Proxy:
    """networks: where it is, as addresses or CIDR. groups_header: empty where groups count for nothing."""

    networks: tuple[str, ...]
    user_header: str = USER_HEADER
    groups_header: str = ""

    def __post_init__(self) -> None:
        """Raise InvalidInput for a network that is none, or one that is everybody's."""
        for network in self.networks:
            try:
                parsed = ipaddress.ip_network(network)
            except ValueError as error:
                raise InvalidInput(
                    "--trust-proxy", repr(network), f"it must be an address or a CIDR ({error})"
                ) from None
            if parsed.prefixlen == 0:
                raise InvalidInput("--trust-proxy", repr(network), "it must not be every address there is")

    def trusts(self, host: str) -> bool:
        """Whether that address is the proxy's."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in ipaddress.ip_network(network) for network in self.networks)

    def refusal(
        self, host: str, headers: Sequence[tuple[str, str]], *, is_visit: bool = False
    ) -> tuple[int, bytes] | None:
        """The status and text for a request that says what it may not; None for one that may go on.

        headers: names in lower case, and values, as they came. is_visit: somebody goes to a page, which changes nothing and may
        come from anywhere.
        """
        claims = [name for name, _ in headers if name in self._names]
        if not claims:
            return None
        if not self.trusts(host):
            return FOREIGN
        if len(claims) > len(set(claims)):
            return DOUBLED
        return (
            CROSS_SITE if not is_visit and dict(headers).get("sec-fetch-site") in ("cross-site", "same-site") else None
        )

    def signed_in(self, host: str, headers: Mapping[str, str]) -> SignedIn | None:
        """Who calls, where the proxy says so; None where nobody does, or somebody else."""
        user = headers.get(self.user_header.lower(), "").strip()
        if not user or not self.trusts(host):
            return None
        groups = headers.get(self.groups_header.lower(), "") if self.groups_header else ""
        return SignedIn(user, groups, headers.get(FORWARDED_FOR, "").rpartition(",")[2].strip())

    def person(self, signed_in: SignedIn) -> Person | None:
        """Whom their groups make of somebody whom the studio has not added; None where groups count for nothing.

        Raises Forbidden where none of them lets them in, InvalidInput for a name that is none.
        """
        name = checked_name("user", signed_in.user).casefold()
        if not self.groups_header:
            return None
        groups = [group.strip().lstrip("/") for group in signed_in.groups.split(",")]
        role = next((role for role in _ROLES if f"{GROUP_PREFIX}{role}" in groups), None)
        if role is None:
            raise Forbidden("none of your groups may use this server; ask the studio", field="authorization")
        projects = [group.removeprefix(PROJECT_PREFIX) for group in groups if group.startswith(PROJECT_PREFIX)]
        return Person(
            name, role, tuple(dict.fromkeys(checked_name("groups", project) for project in projects if project))
        )

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in (self.user_header, self.groups_header) if name)

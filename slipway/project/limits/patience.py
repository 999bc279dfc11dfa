"""Closes connections on which a request stays half said, or its answer half read, and those that
are too many: each holds a file and memory."""

import asyncio
import resource
from collections import Counter
from functools import partial
from ipaddress import ip_address
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from slipway.core.network.customers import customer_of
from slipway.interfaces.live.at_once import AT_ONCE
from slipway.project.limits import memory

HEAD_WITHIN = 30.0  # seconds from its first byte, however slowly the others come
SILENT_BODY = 60.0  # without a byte of a body that is still to come
UNREAD = 60.0  # of an answer; when 64 KiB are kept for somebody, they have to read 48 meanwhile
AT_A_TIME = 32 * 1024  # bytes that are read of one connection before the next; 256 by custom
ALTOGETHER = 4000
FROM_ONE = 200  # customer's addresses; proxies, and what is on this machine, come for many

_open: Counter[str] = Counter()


class PatientProtocol(H11Protocol):
    """HTTP with an end to waiting."""

    head_within, silent_body, unread = HEAD_WITHIN, SILENT_BODY, UNREAD
    _alarm: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _awaits_head = False
    _customer: str | None = None  # None until it is counted
    _quiet_since = 0.0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.max_size = AT_A_TIME
        self._quiet_since = self.loop.time()
        if not self._finds_room():
            transport.abort()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        memory.came(len(data))
        super().data_received(data)
        self._offer_to_send_at_once()
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._offer_to_send_at_once()
        self._quiet_since = self.loop.time()
        # Also where it is closed now: that waits for a reader, too.
        self._forget()
        self._set_alarm(self.head_within)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(self.unread, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._stop_reading()
        if self._customer is not None:
            _open[self._customer] -= 1
            if not _open[self._customer]:
                del _open[self._customer]
        super().connection_lost(exc)

    def _offer_to_send_at_once(self) -> None:
        """Tell the application, before it begins with a request, how a chunk goes out at once."""
        if self.cycle is None:
            return
        scope: Any = self.cycle.scope
        # Before 1.1 there are no chunks; proxies ask so, too.
        if scope["http_version"] == "1.1" and scope["method"] == "GET":
            at_once = partial(self._send_at_once, self.cycle)
            scope.setdefault("extensions", {}).setdefault(AT_ONCE, at_once)

    def _send_at_once(self, cycle: Any, chunk: bytes) -> bool:
        if self.flow.write_paused or cycle.disconnected or self.transport.is_closing():
            return False
        if not cycle.response_started or cycle.response_complete:
            return False
        self.transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        return True

    @property
    def _is_quiet(self) -> bool:
        """Whether nothing is asked at this moment."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _finds_room(self) -> bool:
        customer = customer_of(str(self.client[0]) if self.client else "")
        if _open[customer] >= FROM_ONE and not self._comes_for_many():
            return False
        if _open.total() >= min(ALTOGETHER, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2):
            others = (each for each in self.connections if isinstance(each, PatientProtocol))
            quiet = [each for each in others if each._is_quiet and each is not self]
            if not quiet:
                return False
            min(quiet, key=lambda each: each._quiet_since).transport.abort()
        self._customer = customer
        _open[customer] += 1
        return True

    def _comes_for_many(self) -> bool:
        address = self.client[0] if self.client else ""
        if address in getattr(self.app, "trusted_hosts", ()):
            return True
        try:
            return ip_address(address).is_loopback
        except ValueError:
            return True  # no network: a socket of this machine

    def _watch(self) -> None:
        awaits_head = self._is_quiet
        if awaits_head and self._awaits_head:
            return  # its time runs on
        self._forget()
        self._awaits_head = awaits_head
        if awaits_head:
            self._set_alarm(self.head_within)
        elif self.cycle.more_body:
            self._set_alarm(self.silent_body)

    def _set_alarm(self, seconds: float) -> None:
        self._alarm = self.loop.call_later(seconds, self._give_up)

    def _forget(self) -> None:
        self._awaits_head = False
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _give_up(self) -> None:
        is_ours = self.flow.read_paused  # we have not taken what was sent
        self._forget()
        if is_ours and not self._is_quiet:
            self._watch()
        elif self.transport.get_write_buffer_size() or self.transport.is_closing():
            self.transport.abort()  # what is kept for them, nobody reads
        else:
            self.transport.close()

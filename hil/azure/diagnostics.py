"""Azure's diagnostic log of a simulated gateway, made from its charon's log. Pure functions.

Both formats of 2.7: the older IKEDiagnosticLog, a line for each message, and the newer one, a line
for each failure with its code. What charon does not say is left out, never made up; the session's
GUID is made of the IKE SA's number.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re
import uuid

LINE = re.compile(r"^(?P<time>\S+) (?P<thread>\d\d)\[\w+\] (?:<(?P<name>[^>]*)> )?(?P<text>.*)$")
PACKET = re.compile(r"(?P<verb>sending|received) packet: from (?P<source>\S+)\[(?P<source_port>\d+)\] "
                    r"to (?P<target>\S+)\[(?P<target_port>\d+)\]")
MESSAGE = re.compile(r"(?P<verb>generating|parsed) (?P<exchange>\w+) (?P<kind>request|response) "
                     r"(?P<id>\d+) \[(?P<payloads>.*)\]")

# 2.7: charon's exchange, and what Azure's lines call it
EXCHANGES = {"IKE_SA_INIT": "SA_INIT", "IKE_AUTH": "SA_AUTH",
             "CREATE_CHILD_SA": "CREATE_CHILD_SA", "INFORMATIONAL": "INFORMATIONAL"}
MAIN_MODE, QUICK_MODE = "MM_SA", "QM_SA"
# 2.7: words of charon's log, (event, SA type, direction, code, text)
FAILURES = (
    (r"MAC mismatched|received AUTHENTICATION_FAILED",
     ("SA_NEGOTIATION_FAILED", MAIN_MODE, "Inbound", 13801,
      "IKE authentication credentials are unacceptable.")),
    (r"giving up after \d+ retransmits",
     ("SA_NEGOTIATION_FAILED", MAIN_MODE, "Outbound", 13805, "Negotiation timed out.")),
    (r"key exchange method \S+ unacceptable",
     ("SA_NEGOTIATION_FAILED", MAIN_MODE, "Inbound", 13822,
      "Failure in Diffie-Hellman computation.")),
    (r"received proposals unacceptable|received NO_PROPOSAL_CHOSEN|no acceptable proposal found",
     ("SA_NEGOTIATION_FAILED", MAIN_MODE, "Inbound", 13868, "Policy match error.")),
    (r"traffic selectors .* unacceptable|received TS_UNACCEPTABLE",
     ("SA_NEGOTIATION_FAILED", QUICK_MODE, "Outbound", 13999, "Traffic selectors unacceptable.")),
    (r"received DELETE for IKE_SA",
     ("SA_DELETE", QUICK_MODE, "Inbound", 13885,
      "Main mode SA lifetime expired or peer sent a main mode delete.")),
)
FAILURES = tuple((re.compile(pattern), row) for pattern, row in FAILURES)
ERROR_LINE = (
    "(Error)[Remote] {remote} [Local] {local} [SESSION_ID] {{{session}}} [ConnType] IKEv2-S2S "
    "[TunnelId] {tunnel} [TSId] {tunnel} [IkeEvent] {event} [SA_type] {kind} "
    "[FailureDirection] {direction} [SAEstablished] {established} [ErrorCode] {code} "
    "[ErrorMessage] {text}")


def session_of(name):
    """The GUID of a session, from charon's name of an IKE SA ("azure|7", or "7" before it is one's)."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"ike-sa-{_number(name)}")).upper()


def _number(name):
    return (name or "0").rsplit("|", 1)[-1]


class _Reader:
    """Knows of each IKE SA its endpoints, and of each thread the message that waits for its packet."""

    def __init__(self):
        self.endpoints, self.established = {}, set()
        self._packets, self._messages = {}, {}

    def read(self, line):
        """The parts of a line, and the (verb, message) that is complete with it, or None."""
        parts = LINE.match(line)
        if not parts:
            return None, None
        thread, number, text = parts["thread"], _number(parts["name"]), parts["text"]
        if re.search(r"IKE_SA \S+ established between", text):
            self.established.add(number)
        if packet := PACKET.search(text):
            source = f"{packet['source']}:{packet['source_port']}"
            target = f"{packet['target']}:{packet['target_port']}"
            if packet["verb"] == "received":
                self._packets[thread] = (source, target)
                return parts, None
            self.endpoints[number] = (target, source)
            message = self._messages.pop(thread, None)
            return parts, ("SEND", message) if message else None
        if message := MESSAGE.search(text):
            if message["verb"] == "generating":
                self._messages[thread] = message
            elif thread in self._packets:
                self.endpoints[number] = self._packets.pop(thread)
                return parts, ("RECEIVED", message)
        return parts, None


def messages(log):
    """The older format: yields a line for each message that was sent or received."""
    reader = _Reader()
    for line in log.splitlines():
        parts, complete = reader.read(line)
        if complete:
            verb, message = complete
            remote, local = reader.endpoints[_number(parts["name"])]
            exchange = EXCHANGES.get(message["exchange"], message["exchange"])
            yield (f"SESSION_ID :{{{session_of(parts['name'])}}} Remote {remote}: Local {local}: "
                   f"[{verb}][{exchange}] {message['kind']} {message['id']} "
                   f"[{message['payloads'].strip()}]")


def failures(log, tunnel=1):
    """The newer format: yields a line for each failure."""
    reader = _Reader()
    for line in log.splitlines():
        parts, _ = reader.read(line)
        if not parts:
            continue
        number = _number(parts["name"])
        row = next((row for pattern, row in FAILURES if pattern.search(parts["text"])), None)
        if row and number in reader.endpoints:
            event, kind, direction, code, text = row
            remote, local = reader.endpoints[number]
            yield ERROR_LINE.format(
                remote=remote, local=local, session=session_of(parts["name"]), tunnel=tunnel,
                event=event, kind=kind, direction=direction, code=code, text=text,
                established=str(number in reader.established).lower())

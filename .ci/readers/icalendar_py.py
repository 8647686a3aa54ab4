"""What python-icalendar reads, with dateutil for the rules: the name of a
calendar file a line on standard input, a line of JSON on standard output.
../judge/meaning.go has the form."""
import datetime as dt
import itertools
import json
import sys
import warnings

from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar, timezone_cache

warnings.simplefilter("ignore")


def write(t):
    """A time in UTC, as a date, or as floating."""
    if not isinstance(t, dt.datetime):
        return t.strftime("%Y%m%d")
    if t.tzinfo is None:
        return t.strftime("%Y%m%dT%H%M%S")
    return t.astimezone(dt.timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def first(comp, name):
    v = comp.get(name)
    return v[0] if isinstance(v, list) else v


def every(comp, name):
    v = comp.get(name)
    return [] if v is None else v if isinstance(v, list) else [v]


def when(prop):
    if prop is None:
        return ""
    try:
        t = prop.dt
    except AttributeError:
        return "invalid"
    if isinstance(t, dt.datetime) and t.tzinfo is None and "TZID" in prop.params:
        return "unresolved:" + str(prop.params["TZID"])
    return write(t) if isinstance(t, dt.date) else "invalid"


def wall(t, zone):
    """The time on the clock of a zone, midnight for a date."""
    if not isinstance(t, dt.datetime):
        return dt.datetime.combine(t, dt.time())
    if t.tzinfo is not None and zone is not None:
        t = t.astimezone(zone)
    return t.replace(tzinfo=None)


def listed(comp, name, zone):
    for values in every(comp, name):
        for v in getattr(values, "dts", []):
            yield wall(v.dt[0] if isinstance(v.dt, tuple) else v.dt, zone)


def instant(t, zone):
    if zone is None:
        return t
    return zone.localize(t) if hasattr(zone, "localize") else t.replace(tzinfo=zone)


def occurrences(comp, start, exceptions):
    """The first ten, each exception in the place of the occurrence that it names."""
    zone = start.tzinfo if isinstance(start, dt.datetime) else None
    rules, begin = rruleset(), wall(start, zone)
    if not every(comp, "RRULE") and not every(comp, "RDATE"):
        return [write(start)]
    rules.rdate(begin)
    for rule in every(comp, "RRULE"):
        rule = dict(rule)
        rule["UNTIL"] = [wall(u, zone).strftime("%Y%m%dT%H%M%S") for u in rule.get("UNTIL", [])]
        text = ";".join(k + "=" + ",".join(str(x) for x in v) for k, v in rule.items() if v)
        rules.rrule(rrulestr(text, dtstart=begin))
    for t in listed(comp, "RDATE", zone):
        rules.rdate(t)
    for t in listed(comp, "EXDATE", zone):
        rules.exdate(t)
    back = write if isinstance(start, dt.datetime) else lambda t: write(t.date())
    found = [back(instant(t, zone)) for t in itertools.islice(rules, 30)]
    for rid, moved in exceptions:
        if rid in found:
            found[found.index(rid)] = moved
    return sorted(found)[:10]


def end_of(comp, start):
    end = first(comp, "DUE" if comp.name == "VTODO" else "DTEND")
    if end is not None:
        return when(end)
    length = first(comp, "DURATION")
    if length is not None and isinstance(start, dt.date):
        return write(start + length.dt)
    return ""


def component(comp, siblings):
    begin, uid, rid = first(comp, "DTSTART"), str(first(comp, "UID") or ""), when(first(comp, "RECURRENCE-ID"))
    start = getattr(begin, "dt", None)
    out = dict(kind=comp.name.lower(), uid=uid, rid=rid, start=when(begin), end=end_of(comp, start), occurrences=[])
    if not rid and isinstance(start, dt.date):
        if out["start"].startswith("unresolved"):
            out["occurrences"] = [out["start"]]
        else:
            out["occurrences"] = occurrences(comp, start, [(r, s) for u, r, s in siblings if u == uid and r])
    out["organizer"] = str(first(comp, "ORGANIZER") or "")
    out["attendees"] = [str(a) for a in every(comp, "ATTENDEE")]
    for name in ("summary", "description", "location"):
        out[name] = str(first(comp, name) or "")
    return out


def read(name):
    timezone_cache._timezone_cache.clear()
    with open(name, "rb") as f:
        text = f.read()
    out = dict(method="", components=[])
    for cal in Calendar.from_ical(text, multiple=True):
        out["method"] = out["method"] or str(first(cal, "METHOD") or "").upper()
        comps = [c for c in cal.walk() if c.name in ("VEVENT", "VTODO")]
        siblings = [(str(first(c, "UID") or ""), when(first(c, "RECURRENCE-ID")), when(first(c, "DTSTART"))) for c in comps]
        out["components"] += [component(c, siblings) for c in comps]
    return out


for line in sys.stdin:
    try:
        answer = read(line.rstrip("\n"))
    except RecursionError:
        answer = dict(error="recursion limit")
    except Exception as e:
        answer = dict(error=f"{type(e).__name__}: {e}"[:200])
    print(json.dumps(answer), flush=True)

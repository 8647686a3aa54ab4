// What ical.js (Thunderbird, Nextcloud) reads: the name of a calendar file a line
// on standard input, a line of JSON on standard output. The folder with
// node_modules is the first argument. ../judge/meaning.go has the form.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const { default: ICAL } = await import(pathToFileURL(path.join(process.argv[2], 'node_modules/ical.js/dist/ical.js')));
const utc = ICAL.Timezone.utcTimezone;
for (const level of ['log', 'warn', 'error', 'info', 'debug']) console[level] = () => {};

const solid = (t) => t.toString().replace(/[-:]/g, '');

// when writes a time in UTC, as a date, as floating, or says that nobody knows it.
function when(t, tzid) {
  if (!t || !t.convertToZone) return 'invalid';
  if (t.isDate) return solid(t);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/.test(t.toString())) return 'invalid';
  if (t.zone === utc) return solid(t);
  if (!tzid) return solid(t);
  const zone = ICAL.TimezoneService.get(tzid);
  if (!zone) return 'unresolved:' + tzid;
  const local = t.clone();
  local.zone = zone;
  return solid(local.convertToZone(utc)).replace(/Z?$/, 'Z');
}

function property(comp, name) {
  const p = comp.getFirstProperty(name);
  return p ? when(p.getFirstValue(), p.getParameter('tzid')) : '';
}

const text = (comp, name) => String(comp.getFirstPropertyValue(name) ?? '');

function occurrences(comp, event, tzid) {
  if (!event.isRecurring()) return [property(comp, 'dtstart')];
  const out = [], all = event.iterator();
  for (let next; out.length < 10 && (next = all.next()); ) {
    const { item, startDate } = event.getOccurrenceDetails(next);
    const own = item.component.getFirstProperty('dtstart');
    out.push(when(startDate, own ? own.getParameter('tzid') : tzid));
  }
  return out;
}

function component(comp) {
  const event = new ICAL.Event(comp), start = comp.getFirstProperty('dtstart'), rid = property(comp, 'recurrence-id');
  const tzid = start?.getParameter('tzid');
  let end = '';
  if (comp.name === 'vtodo') end = property(comp, 'due');
  else if (comp.getFirstProperty('dtend')) end = property(comp, 'dtend');
  else if (start && comp.getFirstProperty('duration')) end = when(event.endDate, tzid);
  return {
    kind: comp.name, uid: text(comp, 'uid'), rid, start: property(comp, 'dtstart'), end,
    occurrences: rid || !start ? [] : occurrences(comp, event, tzid),
    organizer: text(comp, 'organizer'), attendees: comp.getAllProperties('attendee').map((p) => String(p.getFirstValue())),
    summary: text(comp, 'summary'), description: text(comp, 'description'), location: text(comp, 'location'),
  };
}

function read(file) {
  ICAL.TimezoneService.reset();
  let roots = ICAL.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  if (!Array.isArray(roots[0])) roots = [roots];
  const out = { method: '', components: [] };
  for (const root of roots) {
    const cal = new ICAL.Component(root);
    for (const z of cal.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(z);
    out.method ||= text(cal, 'method').toUpperCase();
    for (const name of ['vevent', 'vtodo']) for (const c of cal.getAllSubcomponents(name)) out.components.push(component(c));
  }
  return out;
}

for await (const file of readline.createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = read(file);
  } catch (e) {
    answer = { error: String(e?.message ?? e).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}

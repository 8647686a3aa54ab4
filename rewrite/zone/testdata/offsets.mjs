// Reads "Z name octets", a VTIMEZONE of so many octets, and "T n" with n times
// of the clock there, in seconds since 1970 as if it were UTC; writes the offset
// of each, one a line.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const found = createRequire(process.argv[2] + '/x.js').resolve('ical.js');
const loaded = await import(pathToFileURL(found));
const ICAL = loaded.default || loaded;
const text = readFileSync(0, 'latin1');
let at = 0;
const line = () => { const end = text.indexOf('\n', at); const s = text.slice(at, end); at = end + 1; return s; };
let out = [];
while (at < text.length) {
  const octets = Number(line().split(' ')[2]);
  const zone = new ICAL.Timezone(new ICAL.Component(ICAL.parse(text.slice(at, at + octets))));
  at += octets;
  for (let n = Number(line().split(' ')[1]); n > 0; n--) {
    const d = new Date(Number(line()) * 1000);
    out.push(zone.utcOffset(ICAL.Time.fromData({
      year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(),
    })));
  }
  writeSync(1, out.join('\n') + '\n');
  out = [];
}

/* What libical (GNOME, Cyrus) reads: the name of a calendar file a line on
   standard input, a line of JSON on standard output.
   ../judge/meaning.go has the form. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 10, MOST = 400 };

static void quote(const char *s) {
  putchar('"');
  for (; s && *s; s++) {
    unsigned char c = (unsigned char)*s;
    if (c == '"' || c == '\\') printf("\\%c", c);
    else if (c < 32) printf("\\u%04x", c);
    else putchar(c);
  }
  putchar('"');
}

static void member(const char *name, const char *value) {
  printf(",\"%s\":", name);
  quote(value);
}

/* when writes a time in UTC, as a date, as floating, or says that nobody knows it. */
static const char *when(struct icaltimetype t, icalproperty *p, char *out, size_t size) {
  icalparameter *tzid = p ? icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER) : NULL;
  if (!p) return "";
  if (icaltime_is_null_time(t)) return "invalid";
  if (t.is_date) snprintf(out, size, "%04d%02d%02d", t.year, t.month, t.day);
  else if (!t.zone && tzid) snprintf(out, size, "unresolved:%s", icalparameter_get_tzid(tzid));
  else {
    const char *z = t.zone ? "Z" : "";
    if (t.zone) t = icaltime_convert_to_zone(t, icaltimezone_get_utc_timezone());
    snprintf(out, size, "%04d%02d%02dT%02d%02d%02d%s", t.year, t.month, t.day, t.hour, t.minute, t.second, z);
  }
  return out;
}

static icalproperty *first(icalcomponent *c, icalproperty_kind kind) { return icalcomponent_get_first_property(c, kind); }

/* at is the time of a property, in the zone that the calendar has for it. */
static struct icaltimetype at(icalcomponent *c, icalproperty_kind kind) {
  icalproperty *p = first(c, kind);
  return p ? icalproperty_get_datetime_with_component(p, c) : icaltime_null_time();
}

/* seconds is a time as foreach_recurrence counts it. */
static time_t seconds(struct icaltimetype t) {
  return icaltime_as_timet_with_zone(t, t.zone ? t.zone : icaltimezone_get_utc_timezone());
}

struct list {
  time_t at[MOST];
  int n;
};

static void add(icalcomponent *c, struct icaltime_span *span, void *data) {
  struct list *l = data;
  (void)c;
  if (l->n < MOST) l->at[l->n++] = span->start;
}

static int order(const void *a, const void *b) {
  time_t x = *(const time_t *)a, y = *(const time_t *)b;
  return x < y ? -1 : x > y;
}

/* recurrences fills the list from as short a time as has enough of them. It
   begins a while before the start, because foreach_recurrence takes the start for
   UTC. */
static void recurrences(icalcomponent *c, struct icaltimetype start, struct list *l) {
  static const int days[] = {20, 200, 2000, 20000};
  for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
    struct icaltimetype begin = start, end = start;
    icaltime_adjust(&begin, -20, 0, 0, 0);
    icaltime_adjust(&end, days[i], 0, 0, 0);
    l->n = 0;
    icalcomponent_foreach_recurrence(c, begin, end, add, l);
    if (l->n >= 3 * FIRST) return;
  }
}

/* occurrences prints the first ones, each exception in the place of the one that
   it names. */
static void occurrences(icalcomponent *cal, icalcomponent *c, struct icaltimetype start, const char *text) {
  struct list l = {.n = 0};
  const char *uid = icalcomponent_get_uid(c);
  if (strchr(text, ':') || !*text || !strcmp(text, "invalid")) {
    quote(text);
    return;
  }
  recurrences(c, start, &l);
  for (icalcomponent *x = icalcomponent_get_first_component(cal, icalcomponent_isa(c)); x; x = icalcomponent_get_next_component(cal, icalcomponent_isa(c))) {
    icalproperty *rid = first(x, ICAL_RECURRENCEID_PROPERTY);
    const char *other = icalcomponent_get_uid(x);
    if (rid && uid && other && !strcmp(uid, other)) {
      time_t named = seconds(at(x, ICAL_RECURRENCEID_PROPERTY));
      for (int i = 0; i < l.n; i++)
        if (l.at[i] == named) {
          l.at[i] = seconds(icalcomponent_get_dtstart(x));
          break;
        }
    }
  }
  qsort(l.at, l.n, sizeof *l.at, order);
  for (int i = 0; i < l.n && i < FIRST; i++) {
    struct icaltimetype t = icaltime_from_timet_with_zone(l.at[i], start.is_date, icaltimezone_get_utc_timezone());
    printf(i ? ",\"" : "\"");
    printf("%04d%02d%02d", t.year, t.month, t.day);
    if (!start.is_date) printf("T%02d%02d%02d%s", t.hour, t.minute, t.second, start.zone ? "Z" : "");
    printf("\"");
  }
}

static void component(icalcomponent *cal, icalcomponent *c, const char *kind) {
  char start[300], end[300], rid[300];
  struct icaltimetype from = icalcomponent_get_dtstart(c);
  const char *begin = when(from, first(c, ICAL_DTSTART_PROPERTY), start, sizeof start);
  const char *named = when(at(c, ICAL_RECURRENCEID_PROPERTY), first(c, ICAL_RECURRENCEID_PROPERTY), rid, sizeof rid);
  icalproperty *stop = first(c, ICAL_DTEND_PROPERTY);
  int comma = 0;
  printf("{\"kind\":\"%s\"", kind);
  member("uid", icalcomponent_get_uid(c));
  member("rid", named);
  member("start", begin);
  if (!strcmp(kind, "vtodo")) member("end", when(icalcomponent_get_due(c), first(c, ICAL_DUE_PROPERTY), end, sizeof end));
  else member("end", when(icalcomponent_get_dtend(c), stop ? stop : first(c, ICAL_DURATION_PROPERTY), end, sizeof end));
  printf(",\"occurrences\":[");
  if (!*named && *begin) occurrences(cal, c, from, begin);
  printf("],\"attendees\":[");
  for (icalproperty *p = first(c, ICAL_ATTENDEE_PROPERTY); p; p = icalcomponent_get_next_property(c, ICAL_ATTENDEE_PROPERTY)) {
    if (comma++) putchar(',');
    quote(icalproperty_get_attendee(p));
  }
  printf("]");
  member("organizer", first(c, ICAL_ORGANIZER_PROPERTY) ? icalproperty_get_organizer(first(c, ICAL_ORGANIZER_PROPERTY)) : "");
  member("summary", icalcomponent_get_summary(c));
  member("description", icalcomponent_get_description(c));
  member("location", icalcomponent_get_location(c));
  printf("}");
}

/* calendar prints the components; their list is made first, because each has only
   one cursor. */
static int calendar(icalcomponent *cal, icalcomponent_kind kind, const char *name, int comma) {
  enum { CAP = 2000 };
  static icalcomponent *all[CAP];
  int n = 0;
  for (icalcomponent *c = icalcomponent_get_first_component(cal, kind); c && n < CAP; c = icalcomponent_get_next_component(cal, kind)) all[n++] = c;
  for (int i = 0; i < n; i++) {
    if (comma++) putchar(',');
    component(cal, all[i], name);
  }
  return comma;
}

static int every(icalcomponent *root, int comma) {
  if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) return calendar(root, ICAL_VTODO_COMPONENT, "vtodo", calendar(root, ICAL_VEVENT_COMPONENT, "vevent", comma));
  for (icalcomponent *c = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT); c; c = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT)) comma = every(c, comma);
  return comma;
}

static char *contents(const char *name) {
  FILE *f = fopen(name, "rb");
  if (!f) return NULL;
  fseek(f, 0, SEEK_END);
  long size = ftell(f);
  rewind(f);
  char *text = malloc(size + 1);
  size = fread(text, 1, size, f);
  text[size] = 0;
  fclose(f);
  return text;
}

int main(void) {
  char *line = NULL;
  size_t cap = 0;
  ssize_t n;
  icalerror_set_errors_are_fatal(0);
  while ((n = getline(&line, &cap, stdin)) > 0) {
    if (line[n - 1] == '\n') line[n - 1] = 0;
    char *text = contents(line);
    icalcomponent *root = text ? icalparser_parse_string(text) : NULL;
    icalcomponent *cal = root && icalcomponent_isa(root) != ICAL_VCALENDAR_COMPONENT ? icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT) : root;
    free(text);
    if (!cal) printf("{\"error\":\"no calendar\"}\n");
    else {
      icalproperty_method m = icalcomponent_get_method(cal);
      printf("{\"method\":");
      quote(m == ICAL_METHOD_NONE ? "" : icalproperty_method_to_string(m));
      printf(",\"components\":[");
      every(root, 0);
      printf("]}\n");
    }
    fflush(stdout);
    if (root) icalcomponent_free(root);
  }
  return 0;
}

-- Deliveries of meeting mail. docs/ledger.md describes each column.
CREATE TABLE meeting (
  id        INTEGER PRIMARY KEY,
  uid       TEXT NOT NULL UNIQUE,    -- as sent
  last      INTEGER NOT NULL         -- time of the newest message, milliseconds since 1970
);
CREATE INDEX meeting_last ON meeting (last);

CREATE TABLE message (
  id        INTEGER PRIMARY KEY,
  record    TEXT NOT NULL UNIQUE,    -- the transaction, as in the log: each is stored once
  time      INTEGER NOT NULL,
  inbound   INTEGER NOT NULL,
  msgid     TEXT, envid TEXT, listener TEXT, route TEXT, client TEXT, user TEXT, sender TEXT,
  size      INTEGER, profile TEXT, form TEXT, outcome TEXT,
  findings  TEXT, applied TEXT, vetoed TEXT, skipped TEXT, why TEXT,
  took      REAL
);
CREATE INDEX message_time ON message (time);
CREATE INDEX message_msgid ON message (msgid) WHERE msgid <> '';

CREATE TABLE component (
  message   INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
  number    INTEGER NOT NULL,
  meeting   INTEGER NOT NULL REFERENCES meeting,
  name      TEXT, occurrence TEXT NOT NULL,
  method    TEXT, method_sent TEXT, seq INTEGER, seq_sent INTEGER,
  dtstamp   TEXT, dtstamp_sent TEXT, uid_received TEXT,
  start     INTEGER, finish INTEGER, all_day INTEGER, zone TEXT, rule TEXT,
  summary   TEXT, location TEXT, organizer TEXT,
  attendees TEXT,                    -- a line each: address, blank, PARTSTAT
  digest    TEXT,                    -- of what people see: equal when nothing of it changed
  PRIMARY KEY (message, number)
) WITHOUT ROWID;
CREATE INDEX component_meeting ON component (meeting, message);

CREATE TABLE delivery (
  message   INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
  attendee  TEXT NOT NULL, domain TEXT,
  verdict   TEXT NOT NULL, code INTEGER, enhanced TEXT, reply TEXT, nexthop TEXT,
  bounced   INTEGER, bounce TEXT,    -- what a delivery status notification said later
  PRIMARY KEY (message, attendee)
) WITHOUT ROWID;
CREATE INDEX delivery_attendee ON delivery (attendee, message);
CREATE INDEX delivery_domain ON delivery (domain, message);

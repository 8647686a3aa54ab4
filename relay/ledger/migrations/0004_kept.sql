-- What the organizer counts, for the order of revisions; NULL in older rows.
ALTER TABLE component ADD COLUMN revision INTEGER;
-- The newest invitation of each meeting and occurrence that passed.
CREATE TABLE kept (
  meeting    INTEGER NOT NULL REFERENCES meeting ON DELETE CASCADE,
  occurrence TEXT NOT NULL,
  message    INTEGER NOT NULL,      -- that brought it
  revision   INTEGER NOT NULL, dtstamp TEXT NOT NULL,
  language   TEXT, text BLOB NOT NULL,
  PRIMARY KEY (meeting, occurrence)
) WITHOUT ROWID;
-- What administrators did by hand.
CREATE TABLE audit (
  id         INTEGER PRIMARY KEY,
  time       INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, uid TEXT, occurrence TEXT, detail TEXT
);
CREATE INDEX audit_uid ON audit (uid);

-- Who was not notified, as the log has said it: each case is said once.
CREATE TABLE missing (
  meeting    INTEGER NOT NULL REFERENCES meeting ON DELETE CASCADE,
  occurrence TEXT NOT NULL, attendee TEXT NOT NULL, method TEXT NOT NULL, seq INTEGER NOT NULL, dtstamp TEXT NOT NULL,
  why        TEXT,
  said       INTEGER NOT NULL,       -- when the log said it
  closed     INTEGER,                -- when a later copy, or a later revision, ended it
  PRIMARY KEY (meeting, occurrence, attendee, method, seq, dtstamp)
) WITHOUT ROWID;
CREATE INDEX missing_open ON missing (meeting) WHERE closed IS NULL;

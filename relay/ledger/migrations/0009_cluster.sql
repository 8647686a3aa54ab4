-- Several relays: what is still to be told to the others, and how far this one has read
-- what they told.
CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER,                   -- that is to be told, or
  body    BLOB                       -- a change as it is told; beside a message: what was learned of receivers
);
CREATE TABLE cluster (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  node     TEXT NOT NULL,            -- of this ledger, chosen at random
  created  INTEGER NOT NULL,         -- the stream's; 0: none was read yet
  position INTEGER NOT NULL          -- the last change of the stream that was applied
);
-- Notifications about messages that another relay has not told yet.
CREATE TABLE early (
  key  TEXT NOT NULL,                -- "m:" Message-ID, "e:" ENVID
  time INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX early_key ON early (key);
CREATE INDEX early_time ON early (time);

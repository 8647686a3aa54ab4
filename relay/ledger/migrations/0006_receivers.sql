-- What is known of the systems behind a domain: learned from their answers, or set.
CREATE TABLE receiver (
  domain   TEXT PRIMARY KEY,
  profile  TEXT, evidence TEXT, seen INTEGER,   -- learned: from what, and when last
  fixed    TEXT, fixed_by TEXT, fixed_at INTEGER -- set by an administrator
) WITHOUT ROWID;

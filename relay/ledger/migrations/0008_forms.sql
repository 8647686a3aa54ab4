-- What is known of the systems behind a domain, one row for each kind of evidence.
CREATE TABLE evidence (
  domain   TEXT NOT NULL,
  kind     TEXT NOT NULL,            -- program, field, bounce, greeting: in this order of weight
  profile  TEXT NOT NULL, text TEXT NOT NULL,
  seen     INTEGER NOT NULL,         -- when last
  PRIMARY KEY (domain, kind)
) WITHOUT ROWID;
INSERT INTO evidence SELECT domain, 'program', profile, evidence, seen FROM receiver WHERE profile <> '' AND seen IS NOT NULL;
DELETE FROM receiver WHERE fixed IS NULL;
ALTER TABLE receiver DROP COLUMN profile;
ALTER TABLE receiver DROP COLUMN evidence;
ALTER TABLE receiver DROP COLUMN seen;
ALTER TABLE receiver ADD COLUMN forgotten INTEGER; -- what happened before counts no more
-- Forms whose content the next hop refused, and its words on the first of them.
ALTER TABLE message ADD COLUMN refused TEXT;
ALTER TABLE message ADD COLUMN refusal TEXT;
CREATE INDEX message_refused ON message (time) WHERE refused <> '';
CREATE INDEX delivery_bounced ON delivery (bounced) WHERE bounced IS NOT NULL;

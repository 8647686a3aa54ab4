-- Meetings of which a repair raised a number, and newer look-ups by their names.
CREATE INDEX component_raised ON component (meeting) WHERE seq_sent > revision;

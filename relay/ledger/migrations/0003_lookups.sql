-- Look-ups by a UID that a repair changed, and by ENVID.
CREATE INDEX component_uid_received ON component (uid_received) WHERE uid_received <> '';
CREATE INDEX message_envid ON message (envid) WHERE envid <> '';

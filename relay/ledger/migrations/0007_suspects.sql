-- The program that wrote the calendar, and meetings that may get stuck in Exchange:
-- Exchange has no time of somebody's response. Older rows say so by their findings.
ALTER TABLE message ADD COLUMN program TEXT;
CREATE INDEX component_untimed ON component (meeting) WHERE instr(attendees, ' 1601' || char(10));
CREATE INDEX message_untimed ON message (id) WHERE instr(findings, 'kb-1601-tracktime')
  OR instr(findings, 'cdo-critical-change-missing') AND NOT instr(applied, 'cdo-critical-change-missing');

// Package rewrite repairs the meetings in a message and leaves everything else
// as it is. [Message] is its only entry; [Scanner] is the same for a mail that is
// still arriving. pipeline.go lists the passes, in the order in which they run:
//
//  1. Find (find.go, tnef_find.go): package mime finds the parts; calendars and
//     winmail.dat are picked.
//  2. Decide (untouchable.go): what is signed, excepted or cut off is not changed,
//     for a reason that the report gives.
//  3. Repair each calendar (calendar.go): the remedies (repairer.go), under the
//     guard (veto.go, package guard), again until nothing changes any more
//     (stable.go), and in the form that a receiver is sent after a refusal
//     (fallback*.go).
//  4. Write each part (part.go, write.go) and read it as a receiver will (check.go).
//     A winmail.dat (tnef_*.go) is replaced by text, calendar and files.
//  5. Assemble the message (assemble.go): the source with the new octets put in;
//     its parts moved, wrapped, added or dropped (structure*.go); the fields on top.
//
// A pass takes values and returns values: what it changes is a [mime.Edit], what it
// says is a [Report]. It keeps no state, does no I/O but reading the source, and
// never fails towards the sender: whatever goes wrong, the Result is the source and
// the Report says why. What went before a message comes in through [Options.Memory],
// and only a remedy that cannot do without asks it.
package rewrite

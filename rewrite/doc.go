// Package rewrite repairs the meetings in a message and leaves everything else as it
// is. [Message] does that for a complete message, [Scanner] for one that is still being
// received. pipeline.go lists the passes, in the order in which they run:
//
//  1. Find (find.go, tnef_find.go): package mime finds the parts; calendars and
//     winmail.dat are selected.
//  2. Decide (untouchable.go): what is signed, excepted or truncated is not changed,
//     and the report gives the reason.
//  3. Repair each calendar (calendar.go): the remedies (repairer.go), checked by the
//     guard (veto.go, package guard), repeated until nothing changes any more
//     (stable.go); after a refusal also in a simpler form (fallback*.go).
//  4. Write each part (part.go, write.go) and read it as a receiver does (check.go).
//     A winmail.dat (tnef_*.go) is replaced by text, calendar and files.
//  5. Assemble the message (assemble.go): the source with the new octets; parts that
//     are moved, wrapped, added or removed (structure*.go); the new header fields.
//
// A pass takes values and returns values: its changes are [mime.Edit] values, its
// results are in a [Report]. It keeps no state and does no I/O except reading the
// source. It never refuses a message: after any error the Result is the source, and the
// Report gives the reason. Information about earlier messages comes from
// [Options.Memory]; only remedies that need it ask for it.
package rewrite

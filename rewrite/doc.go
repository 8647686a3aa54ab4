// Package rewrite repairs the meetings in a message and leaves everything else
// as it is. [Message] is its only door. The passes, in their order:
//
//  1. Find (find.go): package mime finds the parts; calendars are picked, and
//     what must not be touched (signed, encrypted, forwarded as an attachment)
//     is named with the reason.
//  2. Decode: transfer encoding off, within limits.
//  3. Remedies (treat.go; table.go: which for whom): octets, then the parsed calendar, then the header
//     fields of the part. Each asks before it changes anything, so diagnosis
//     and repair are one list of findings.
//  4. Guard (veto.go, package guard): the meeting before and after is compared in
//     every facet that people see. A change that no remedy declared is taken
//     back together with the remedy that made it.
//     When the caller asks, package itip judges the calendar before and after
//     (conformance.go); what it says changes nothing.
//  5. Encode (write.go): a transfer encoding that every server takes, and the
//     header fields of the part that have to follow.
//  6. Check again (check.go): what was written is decoded and treated once
//     more; nothing may change any more, and a decoder that is not ours must
//     not refuse what it took before.
//  7. TNEF (tnef_*.go): a meeting in a winmail.dat is rebuilt as a calendar,
//     which then passes 3 to 6 and is compared with the MAPI properties; its
//     part is replaced by text, calendar and files.
//  8. Fallbacks (fallback*.go), only when asked for: a receiver that refused the
//     repaired message gets it in UTC, as minimal iTIP, or as a text for a
//     person. They follow 3 and 4, and pass 5 and 6 like any repair.
//  9. Splice: the result is the source with the new octets put in.
//  10. Structure (structure*.go): parts of the repaired mail are moved, wrapped,
//     added or dropped. Each keeps its octets; what is around them is written.
//
// What went before a message comes in through [Options.Memory], and only a remedy
// that cannot do without asks it.
//
// The package does no I/O but reading the source, keeps no state, and never
// fails towards the sender: whatever goes wrong, the Result is the source and
// the Report says why.
package rewrite

// Package remedy has the repairs of Reconvene, one in each file.
//
// A remedy is a value of type Remedy. All lists them in the order in which they run;
// no other code knows all of them, and no remedy depends on the internals of
// another. The order is: octets (character set, byte order mark), content lines
// (folds, line ends, junk), components (METHOD, empty events, alarms), identity
// (UID, SEQUENCE, RECURRENCE-ID), people, time zones, dates and recurrence, X-
// properties, the header fields of the part, and last the structure of the message.
//
// A remedy that concerns only calendars with a certain property, parameter,
// component or method declares that (Remedy.Looks), and is not called for others.
//
// A remedy calls Object.Found before it changes anything. Found records the finding
// and reports whether the change is wanted: it is not when the profile does not
// include the remedy, when the administrator disabled it, or when Reconvene only
// observes. So diagnosis and repair are the same code.
//
// A remedy may call Memory, if the caller has set it, for what one message does not
// contain; without a result it reports the finding and changes nothing.
//
// A remedy never does I/O, never keeps state, and never changes a facet of the
// meeting that it does not declare (Remedy.Facets); the guard in package rewrite
// checks that.
package remedy

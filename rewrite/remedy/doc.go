// Package remedy holds the repairs of Reconvene, one per file.
//
// A remedy is a value of type [Remedy]. [All] lists them in the order in which
// they run; that list is the only place that knows all of them, and no remedy
// depends on the inside of another. The order is: octets (character set, byte order
// mark), content lines (folds, line ends, junk), components (METHOD, empty
// events, alarms), identity (UID, SEQUENCE, RECURRENCE-ID), people, time zones, dates
// and recurrence, X- properties, the header fields of the part, and last how
// the parts of the mail are put together.
//
// A remedy that only concerns calendars with a certain property, parameter,
// component or method says so ([Remedy.Looks]) and is not even called for
// others.
//
// A remedy asks [Object.Found] before it changes anything. Found records the
// finding and reports whether the change is wanted: it is not when the
// profile does not include the remedy, when the administrator disabled it, or
// when Reconvene only observes. So diagnosis and repair are one code.
//
// A remedy may ask [Memory], which the caller may give, for what one message does not
// say; without an answer it reports the finding and changes nothing.
//
// A remedy never does I/O, never keeps state, and never touches a facet of the
// meeting that it does not declare ([Remedy.Facets]); the guard in package
// rewrite checks that.
package remedy

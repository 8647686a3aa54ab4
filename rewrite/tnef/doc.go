// Package tnef reads and writes the Transport Neutral Encapsulation Format
// ([MS-OXTNEF]): the winmail.dat in which Exchange and Outlook put what they do
// not express in MIME.
//
// Read turns a stream into a Message: the MAPI properties of the message,
// its recipient table and its attachments. Message.Body gives the text and
// the HTML, from compressed RTF when there is nothing else. Message.Meeting
// builds the iCalendar text of a meeting. Write is the inverse of Read; tests
// and `reconvene tnef pack` make samples with it.
//
// A stream comes from strangers. No length in it is trusted: each is compared
// with the octets left before it is used, the work is linear in the size of
// the stream, and Limits bound what is kept. A stream that lost content is
// refused with an error, for a message that is rebuilt from half of it would
// be worse than the winmail.dat. Faults that lose nothing become Warnings.
//
// The package never changes what it reads: byte slices in a Message are parts
// of the input, so the input must outlive the Message and stay as it is.
package tnef

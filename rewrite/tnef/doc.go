// Package tnef reads and writes the Transport Neutral Encapsulation Format
// ([MS-OXTNEF]): the winmail.dat in which Exchange and Outlook send what they do not
// express in MIME.
//
// Read decodes a stream to a Message: the MAPI properties of the message, its
// recipient table and its attachments. Message.Body returns the text and the HTML,
// from compressed RTF when there is nothing else. Message.Meeting builds the
// iCalendar text of a meeting. Write is the inverse of Read; tests and `reconvene
// tnef pack` use it to make samples.
//
// A stream is untrusted input. Each length in it is compared with the remaining
// octets before it is used, the work is linear in the size of the stream, and Limits
// bound what is kept. A stream that has lost content is refused with an error, since
// a message that is rebuilt from part of it would be worse than the winmail.dat.
// Faults that lose nothing become Warnings.
//
// The package never changes its input: byte slices in a Message refer to the input,
// which must not be changed while the Message is used.
package tnef

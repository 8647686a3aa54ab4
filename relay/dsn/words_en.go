package dsn

var english = words{
	subject: map[Action]string{Failed: "Not delivered: %s", Delayed: "Delayed: %s", Delivered: "Delivered: %s", Relayed: "Passed on: %s"},

	untitled:     "your message",
	automatic:    "This is an automatic message from the mail server %s about a message that you sent:",
	subjectLabel: "Subject:",
	arrived:      "Received here:",

	happened: map[Action]string{
		Failed:    "It could not be delivered to the following recipients, and it will not be tried again:",
		Expired:   "It could not be delivered to the following recipients in the time that is allowed, and it will not be tried again:",
		Delayed:   "It has not been delivered to the following recipients yet:",
		Delivered: "It was delivered to the mail systems of the following recipients. Whether they have read it is not known:",
		Relayed: "It was passed on for the following recipients to a mail server that does not confirm the delivery. " +
			"You will only hear of it again if it cannot be delivered:",
	},
	until:   "The mail server keeps trying until %s. You do not need to send the message again.",
	replied: "The mail server %s replied:",
	reason:  "Reason:",
	by:      "Accepted by the mail server %s.",
	meaning: [...]string{
		noAddress:   "The address does not exist there. Please check its spelling.",
		noDomain:    "The part of the address after the @ does not exist or does not accept mail. Please check its spelling.",
		mailboxFull: "The mailbox of the recipient is full.",
		tooLarge:    "The message is too large for the recipient. Please send it without attachments or in parts.",
		noContent:   "The mail system of the recipient cannot process the content of the message.",
		notAllowed:  "The mail system of the recipient does not allow this message. Its administrator can say why.",
		unreachable: "The mail system of the recipient could not be reached.",
	},

	oneDate: "It is about this one date of a recurring meeting; the other dates are not affected.",
	unknown: byKind(
		"The message is about a meeting. The recipients above did not get it; their calendars may be out of date.",
		"The message is an invitation to a meeting. The recipients above did not get it and do not know of the meeting.",
		"The message changes a meeting. The recipients above do not know of the change; their calendars still show the meeting as it was before.",
		"The message cancels a meeting. The recipients above do not know that it is cancelled; their calendars still show it, and they may come.",
		"The message is your answer to an invitation. The organizer did not get it and may still be waiting for your answer.",
		"The message proposes another time for a meeting. The organizer did not get the proposal."),
	act: byKind(
		"Please tell them in another way, for example by telephone.",
		"Please invite them in another way, for example by telephone, or send the invitation again when the cause is removed.",
		"Please tell them in another way, for example by telephone, or send the update again when the cause is removed.",
		"Please tell them in another way, for example by telephone, or send the cancellation again when the cause is removed.",
		"Please answer in another way, for example by telephone.",
		"Please make the proposal in another way, for example by telephone."),
	unknownYet: byKind(
		"The message is about a meeting. The recipients above have not got it yet.",
		"The message is an invitation to a meeting. The recipients above do not know of the meeting yet.",
		"The message changes a meeting. The recipients above do not know of the change yet; their calendars still show the meeting as it was before.",
		"The message cancels a meeting. The recipients above do not know yet that it is cancelled; their calendars still show it.",
		"The message is your answer to an invitation. The organizer has not got it yet.",
		"The message proposes another time for a meeting. The organizer has not got the proposal yet."),
	wait:   "There is nothing to do for now: you will be told if the delivery fails.",
	near:   "The meeting may begin before the message arrives. Please tell them in another way, for example by telephone.",
	ifSoon: "If the meeting begins soon, please tell them in another way, for example by telephone. Otherwise there is nothing to do for now.",

	full:   "Your message is attached.",
	header: "The header of your message is attached.",
}

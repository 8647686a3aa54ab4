package remedy

import "strings"

// All lists the remedies in the order in which they run.
func All() []*Remedy {
	all := list()
	for _, r := range all {
		r.compile()
	}
	return all
}

func list() []*Remedy {
	return []*Remedy{
		// octets
		qpDamage(),
		qpWordwrapInValue(),
		nulBytes(),
		bom(),
		charsetMissing(),
		charsetWrong(),
		charsetLegacy(),
		indentedLines(), // when the text can be read

		// content lines
		trailingJunk(),
		endMissing(),
		vcalendar1(), // its lines have other rules
		colonOnNextLine(),
		qpProperty(), // takes the lines that are its own
		base64Lines(),
		foldNBSP(),
		brokenLine(),
		colonMissing(), // of lines that are whole
		paramBehindColon(),
		nameOdd(),
		textLines(), // while empty lines of the text are there
		blankLines(),
		ctlChars(),
		nonchar(),
		beginEnd(), // when nothing but the name is left
		rawTab(),
		foldMidUTF8(),
		foldEscape(),
		foldValue(),
		foldTab(),
		longLine(),
		unfoldedLong(),
		foldWidth(),
		foldLF(),
		bareLF(),
		escapeN(),
		unescapedComma(),
		junkLine(),

		// structure
		bareVevent(),
		paramBlank(), // before anything reads a parameter
		paramBare(),
		tzParamColon(), // before anything reads a date
		datetimeForm(),
		durationForm(),
		triggerType(),
		offsetForm(),
		tzEmpty(), // once the offsets have their form, and before anything goes by a zone
		tzHalf(),
		tzSwapped(),
		tzAbsurd(),
		stampUTC(), // once the times have their form
		wordForm(),
		vcalExpect(),
		uidCtl(), // before anything compares UIDs
		methodDuplicate(),
		methodInVevent(),
		methodMissing(),
		methodExport(),
		methodCase(),
		requestCancelled(), // before anything asks for the method
		publishInvites(),   // likewise
		methodAfterComponents(),
		versionMissing(),
		prodidMissing(),
		duplicateProp(),
		emptyProperty(),
		summaryMultiline(),
		squiggle(),
		altDescLong(),
		ghostVevent(),     // before anything is added to an event
		seriesTwice(),     // likewise
		cancelNoDtstart(), // before anything stands in for the summary
		summaryMissing(),
		descriptionMissing(),
		todoPriorityMissing(),
		multiVcalendar(),
		valarmOrder(),
		cancelValarm(),
		valarmIncomplete(),
		cancelRRule(),
		exceptionRRule(),
		multiUID(),
		instanceNoRRule(),
		addMethod(),
		componentsExtra(),
		publishNoOrganizer(),
		commentNotDescription(),

		// identity
		uidInstanceDate(),
		uidExceptionDiffers(),
		uidCase(),
		uidDominoMap(),
		seqNegative(),
		seqCDO(),
		seqExceptionLow(),
		seqLotus(),
		cdoApptseqStale(), // once SEQUENCE is settled
		seqCancelEqual(),
		seqNotRaisedCancel(),
		seqGoogleBehind(), // once cancellations are above what they cancel
		dtstampMissing(),
		dtstampCopied(),
		dtstampCritical(),
		ridMissing(),
		ridRange(),

		// people
		paramUnquotedURI(),
		cnQuote(),
		cnEmpty(),
		orgNoScheme(),
		mailtoPercent(),
		mailtoQuote(),
		addressForm(),
		attendeeTwice(),
		mailtoCase(),
		orgDN(),
		orgEmpty(),
		addrNonmail(),
		requestUninvited(), // as the list came
		cancelForRemoved(),
		counterNoAttendee(),
		cancelNoAttendee(),
		requestNoAttendee(),
		attendeeDropped(),
		exceptionNoPeople(),
		orgMissingRequest(),
		orgMissingReply(),
		orgNotFrom(),
		replyManyAttendees(),
		attendeeNotListed(),
		orgIsAttendee(),
		cutypeResource(),
		partstatReset(),
		smtputf8Address(),
		resentLoop(),
		cnMissing(),
		partstatMissing(),
		rsvpAfterReply(),
		kb1601Tracktime(), // before its traces go
		xReplytime(),
		sentbyOlkSender(),
		cancelStatusMissing(), // goes by who is on the list
		cancelStatusConfirmed(),

		// ends, before anything is added for the sake of a zone
		dateWithZ(),
		dateNoValue(),
		dtendBeforeStart(),

		// time zones
		tzNulPadding(),
		tzNewline(),
		tzControlChar(),
		tzOffsetfromMissing(),
		tzOffsettoMissing(),
		tzIdenticalPair(),
		dtZuluAndTZID(),
		dtTZIDProperty(),
		dtFloating(),
		tzExpiredDaylight(),
		tzStaleRules(),
		tzXpropTZID(),
		tzLotusGMT(),
		tzLotusShort(),
		tzCDOName(),
		tzWindowsName(),
		tzWindowsNumber(),
		tzPrefix(),
		tzOffsetName(),
		tzUTCDisplay(),
		tzOffsetPair(),
		tzCustomized(),
		tzMojibake(),
		tzDuplicate(),
		tzUndeclared(),
		cancelNoVtimezone(),
		replyNoVtimezone(),
		tzEscapeMismatch(),
		tzRRuleNoByday(),
		tzHuge(),
		tzRdateAndRRule(),
		tzRdateOnly(),
		tzIsraelByday(),
		tzManyObservances(),
		tzFrontTruncated(),
		tzYear1601(),
		tzBehind(), // when none is added or written anew any more

		// dates and recurrence
		exdateMulti(), // each value is looked at on its own
		dtendAndDuration(),
		dtendMissing(),
		dtendEqualDate(),
		dtstartMissing(),
		rruleSpaces(),
		rruleEmpty(),
		rruleForm(),
		rruleUntilCount(),
		alldayMidnight(),
		alldayNoFlag(),
		rruleUntilType(),
		rruleUntilMidnight(),
		rruleDailyByday(),
		rruleDayOrLast(),
		rruleSetposToNth(),
		rruleNthToSetpos(),
		exdateNongregorian(),
		zuluLikeStart(),
		exdateMidnight(), // as long as it floats
		exdateFloating(),
		exdateType(),
		exdateZone(),
		rdatePeriod(),
		rdateFloating(),
		rdateType(),
		rdateZone(),
		rdateOnly(),
		ridMidnight(),
		ridFloating(),
		ridType(),
		ridZone(),
		ridDominoUTC(),
		ridDuplicate(),
		rdateWithoutExdate(),
		replyRrule(),
		exceptionCancelled(), // as RECURRENCE-ID has become
		nullException(),
		uidMissing(),    // when it is known who organizes the meeting and how many there are
		tzParamQuoted(), // when nothing writes a TZID any more
		tzParamMustQuote(),
		rdateAnyExch(),
		rdateBehindUntil(),
		exdateMultiLineE2007(),
		rruleMAPILimits(),
		yearlyLastDay(),
		rruleLastDay(),
		monthday2931(),
		monthdayZero(),
		infiniteSeries(),
		dominoResource(),

		// X- properties
		year1601(),
		cdoCriticalChangeMissing(),
		cdoReplytime1601(),
		cdoOwnerCriticalChange(),
		cdoModprops(),
		cdoOwnerapptid(),
		cdoInsttype(),
		cdoImportance(),
		cdoBusystatusVsTransp(),
		cdoBusystatusRequest(),
		xLotusStale(),
		xLotusLeak(),
		xEntourage(),
		xUnknownLong(),
		outlookForwardIcs(), // goes by the property that the next one drops
		xMsOlkForceinspectoropen(),
		attachCID(),
		valueForm(), // what the others left

		// part
		methodMismatch(),
		ctMethodMissing(),
		ctCase(),
		ctComponent(),
		ctOctetStream(),
		cdAttachment(),
		cdInlineCid(),
		inlineNoFilename(),
		charsetQuoted(),
		eightBit(),
		cteLongLine(),

		// structure of the mail
		cteMultipart(),
		footerStructure(), // as it came
		emptyPart(),
		tnefPlusIcs(),
		tnefCorrupt(),
		mixedNotAlternative(),
		relatedNested(),
		relatedExchange(),
		calOnly(),
		counterAsReply(), // before its text is copied
		htmlMissing(),
		alternativeOrder(),
		contentClass(),
	}
}

// Find returns the remedy with that ID in whatever case, or nil.
func Find(id string) *Remedy {
	for _, r := range All() {
		if strings.EqualFold(r.ID, id) {
			return r
		}
	}
	return nil
}

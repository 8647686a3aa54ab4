package main

import "github.com/reconvene/reconvene/rewrite/tnef"

// propName gives the name that the specifications have for a property
// ([MS-OXPROPS]), "" for one that is not in the tables below: they hold what
// meetings and the mails around them have. They were held against public lists
// made from the specification and against Microsoft's pages of the properties.
func propName(p *tnef.Prop) string {
	if p.Named == nil {
		if p.ID == tnef.PidTagAttachData && p.Type == tnef.TypeObject {
			return "PidTagAttachDataObject"
		}
		if name := tagNames[p.ID]; name != "" {
			return "PidTag" + name
		}
		return ""
	}
	if p.Named.Text != "" {
		return ""
	}
	var name string
	switch p.Named.Set {
	case tnef.SetAppointment:
		name = appointmentNames[p.Named.LID]
	case tnef.SetMeeting:
		name = meetingNames[p.Named.LID]
	case tnef.SetCommon:
		name = commonNames[p.Named.LID]
	}
	if name == "" {
		return ""
	}
	return "PidLid" + name
}

// setName gives the name of a property set.
func setName(set tnef.GUID) string {
	switch set {
	case tnef.SetAppointment:
		return "Appointment"
	case tnef.SetMeeting:
		return "Meeting"
	case tnef.SetCommon:
		return "Common"
	case tnef.SetTask:
		return "Task"
	case tnef.SetPublicStrings:
		return "PublicStrings"
	case tnef.SetHeaders:
		return "InternetHeaders"
	}
	return set.String()
}

// typeName gives the name of a property type ([MS-OXCDATA] §2.11.1).
func typeName(t uint16) string {
	name := map[uint16]string{
		tnef.TypeNull: "Null", tnef.TypeShort: "Integer16", tnef.TypeLong: "Integer32", tnef.TypeFloat: "Floating32",
		tnef.TypeDouble: "Floating64", tnef.TypeCurrency: "Currency", tnef.TypeAppTime: "FloatingTime",
		tnef.TypeError: "ErrorCode", tnef.TypeBool: "Boolean", tnef.TypeObject: "Object", tnef.TypeInt64: "Integer64",
		tnef.TypeString8: "String8", tnef.TypeUnicode: "String", tnef.TypeTime: "Time", tnef.TypeGUID: "Guid", tnef.TypeBinary: "Binary",
	}[t&^tnef.MVFlag]
	if t&tnef.MVFlag != 0 {
		return "PtypMultiple" + name
	}
	return "Ptyp" + name
}

// valueWords returns what the numbers mean that an administrator looks for.
func valueWords(name string, n int64) string {
	words := map[string][]string{
		"PidTagRecipientTrackStatus": {"none", "organized", "tentative", "accepted", "declined", "not responded"},
		"PidLidResponseStatus":       {"none", "organized", "tentative", "accepted", "declined", "not responded"},
		"PidTagRecipientType":        {"", "To", "Cc", "Bcc"},
		"PidLidBusyStatus":           {"free", "tentative", "busy", "out of office", "working elsewhere"},
		"PidLidIntendedBusyStatus":   {"free", "tentative", "busy", "out of office", "working elsewhere"},
		"PidTagImportance":           {"low", "normal", "high"},
		"PidTagSensitivity":          {"normal", "personal", "private", "confidential"},
		"PidTagAttachMethod":         {"none", "by value", "by reference", "by reference", "by reference", "embedded message", "OLE"},
	}[name]
	if n < 0 || n >= int64(len(words)) {
		return ""
	}
	return words[n]
}

var tagNames = map[uint16]string{
	0x0002: "AlternateRecipientAllowed",
	0x0017: "Importance",
	0x001A: "MessageClass",
	0x0023: "OriginatorDeliveryReportRequested",
	0x0026: "Priority",
	0x0029: "ReadReceiptRequested",
	0x002B: "RecipientReassignmentProhibited",
	0x002E: "OriginalSensitivity",
	0x0036: "Sensitivity",
	0x0037: "Subject",
	0x0039: "ClientSubmitTime",
	0x003B: "SentRepresentingSearchKey",
	0x003D: "SubjectPrefix",
	0x003F: "ReceivedByEntryId",
	0x0040: "ReceivedByName",
	0x0041: "SentRepresentingEntryId",
	0x0042: "SentRepresentingName",
	0x0043: "ReceivedRepresentingEntryId",
	0x0044: "ReceivedRepresentingName",
	0x004B: "OriginalMessageClass",
	0x004D: "OriginalAuthorName",
	0x0051: "ReceivedBySearchKey",
	0x0052: "ReceivedRepresentingSearchKey",
	0x0057: "MessageToMe",
	0x0058: "MessageCcMe",
	0x0060: "StartDate",
	0x0061: "EndDate",
	0x0062: "OwnerAppointmentId",
	0x0063: "ResponseRequested",
	0x0064: "SentRepresentingAddressType",
	0x0065: "SentRepresentingEmailAddress",
	0x0070: "ConversationTopic",
	0x0071: "ConversationIndex",
	0x0075: "ReceivedByAddressType",
	0x0076: "ReceivedByEmailAddress",
	0x0077: "ReceivedRepresentingAddressType",
	0x0078: "ReceivedRepresentingEmailAddress",
	0x007D: "TransportMessageHeaders",
	0x007F: "TnefCorrelationKey",
	0x0C15: "RecipientType",
	0x0C17: "ReplyRequested",
	0x0C19: "SenderEntryId",
	0x0C1A: "SenderName",
	0x0C1D: "SenderSearchKey",
	0x0C1E: "SenderAddressType",
	0x0C1F: "SenderEmailAddress",
	0x0E01: "DeleteAfterSubmit",
	0x0E06: "MessageDeliveryTime",
	0x0E07: "MessageFlags",
	0x0E08: "MessageSize",
	0x0E0A: "SentMailEntryId",
	0x0E14: "SubmitFlags",
	0x0E17: "MessageStatus",
	0x0E1B: "HasAttachments",
	0x0E1D: "NormalizedSubject",
	0x0E1F: "RtfInSync",
	0x0E20: "AttachSize",
	0x0E21: "AttachNumber",
	0x0E28: "PrimarySendAccount",
	0x0E29: "NextSendAcct",
	0x0FF6: "InstanceKey",
	0x0FF9: "RecordKey",
	0x0FFE: "ObjectType",
	0x0FFF: "EntryId",
	0x1000: "Body",
	0x1006: "RtfSyncBodyCrc",
	0x1007: "RtfSyncBodyCount",
	0x1008: "RtfSyncBodyTag",
	0x1009: "RtfCompressed",
	0x1010: "RtfSyncPrefixCount",
	0x1011: "RtfSyncTrailingCount",
	0x1013: "Html",
	0x1035: "InternetMessageId",
	0x1039: "InternetReferences",
	0x1042: "InReplyToId",
	0x1080: "IconIndex",
	0x10F4: "AttributeHidden",
	0x3001: "DisplayName",
	0x3002: "AddressType",
	0x3003: "EmailAddress",
	0x3007: "CreationTime",
	0x3008: "LastModificationTime",
	0x300B: "SearchKey",
	0x3701: "AttachDataBinary",
	0x3702: "AttachEncoding",
	0x3703: "AttachExtension",
	0x3704: "AttachFilename",
	0x3705: "AttachMethod",
	0x3707: "AttachLongFilename",
	0x3708: "AttachPathname",
	0x3709: "AttachRendering",
	0x370A: "AttachTag",
	0x370B: "RenderingPosition",
	0x370C: "AttachTransportName",
	0x370D: "AttachLongPathname",
	0x370E: "AttachMimeTag",
	0x3712: "AttachContentId",
	0x3714: "AttachFlags",
	0x39FE: "SmtpAddress",
	0x39FF: "AddressBookDisplayNamePrintable",
	0x3A20: "TransmittableDisplayName",
	0x3A40: "SendRichInfo",
	0x3FDE: "InternetCodepage",
	0x3FF1: "MessageLocaleId",
	0x3FF8: "CreatorName",
	0x3FFA: "LastModifierName",
	0x3FFD: "MessageCodepage",
	0x5909: "MessageEditorFormat",
	0x5D01: "SenderSmtpAddress",
	0x5D02: "SentRepresentingSmtpAddress",
	0x5D07: "ReceivedBySmtpAddress",
	0x5D08: "ReceivedRepresentingSmtpAddress",
	0x5FDE: "RecipientResourceState",
	0x5FDF: "RecipientOrder",
	0x5FE1: "RecipientProposed",
	0x5FE3: "RecipientProposedStartTime",
	0x5FE4: "RecipientProposedEndTime",
	0x5FF6: "RecipientDisplayName",
	0x5FF7: "RecipientEntryId",
	0x5FFB: "RecipientTrackStatusTime",
	0x5FFD: "RecipientFlags",
	0x5FFF: "RecipientTrackStatus",
	0x7FF9: "ExceptionReplaceTime",
	0x7FFA: "AttachmentLinkId",
	0x7FFB: "ExceptionStartTime",
	0x7FFC: "ExceptionEndTime",
	0x7FFD: "AttachmentFlags",
	0x7FFE: "AttachmentHidden",
	0x7FFF: "AttachmentContactPhoto",
}

var appointmentNames = map[uint32]string{
	0x8200: "SendMeetingAsIcal",
	0x8201: "AppointmentSequence",
	0x8202: "AppointmentSequenceTime",
	0x8203: "AppointmentLastSequence",
	0x8204: "ChangeHighlight",
	0x8205: "BusyStatus",
	0x8206: "FExceptionalBody",
	0x8207: "AppointmentAuxiliaryFlags",
	0x8208: "Location",
	0x820D: "AppointmentStartWhole",
	0x820E: "AppointmentEndWhole",
	0x820F: "AppointmentStartTime",
	0x8210: "AppointmentEndTime",
	0x8211: "AppointmentEndDate",
	0x8212: "AppointmentStartDate",
	0x8213: "AppointmentDuration",
	0x8214: "AppointmentColor",
	0x8215: "AppointmentSubType",
	0x8216: "AppointmentRecur",
	0x8217: "AppointmentStateFlags",
	0x8218: "ResponseStatus",
	0x8220: "AppointmentReplyTime",
	0x8223: "Recurring",
	0x8224: "IntendedBusyStatus",
	0x8226: "AppointmentUpdateTime",
	0x8228: "ExceptionReplaceTime",
	0x8229: "FInvited",
	0x822B: "FExceptionalAttendees",
	0x822E: "OwnerName",
	0x822F: "FOthersAppointment",
	0x8230: "AppointmentReplyName",
	0x8231: "RecurrenceType",
	0x8232: "RecurrencePattern",
	0x8233: "TimeZoneStruct",
	0x8234: "TimeZoneDescription",
	0x8235: "ClipStart",
	0x8236: "ClipEnd",
	0x8237: "OriginalStoreEntryId",
	0x8238: "AllAttendeesString",
	0x823A: "AutoFillLocation",
	0x823B: "ToAttendeesString",
	0x823C: "CcAttendeesString",
	0x8240: "ConferencingCheck",
	0x8241: "ConferencingType",
	0x8242: "Directory",
	0x8243: "OrganizerAlias",
	0x8244: "AutoStartCheck",
	0x8246: "AllowExternalCheck",
	0x8247: "CollaborateDoc",
	0x8248: "NetShowUrl",
	0x8249: "OnlinePassword",
	0x8250: "AppointmentProposedStartWhole",
	0x8251: "AppointmentProposedEndWhole",
	0x8256: "AppointmentProposedDuration",
	0x8257: "AppointmentCounterProposal",
	0x8259: "AppointmentProposalNumber",
	0x825A: "AppointmentNotAllowPropose",
	0x825D: "AppointmentUnsendableRecipients",
	0x825E: "AppointmentTimeZoneDefinitionStartDisplay",
	0x825F: "AppointmentTimeZoneDefinitionEndDisplay",
	0x8260: "AppointmentTimeZoneDefinitionRecur",
	0x827B: "SingleBodyICal",
}

var meetingNames = map[uint32]string{
	0x0001: "AttendeeCriticalChange",
	0x0002: "Where",
	0x0003: "GlobalObjectId",
	0x0004: "IsSilent",
	0x0005: "IsRecurring",
	0x0006: "RequiredAttendees",
	0x0007: "OptionalAttendees",
	0x0008: "ResourceAttendees",
	0x0009: "DelegateMail",
	0x000A: "IsException",
	0x000B: "SingleInvite",
	0x000C: "TimeZone",
	0x000D: "StartRecurrenceDate",
	0x000E: "StartRecurrenceTime",
	0x000F: "EndRecurrenceDate",
	0x0010: "EndRecurrenceTime",
	0x0011: "DayInterval",
	0x0012: "WeekInterval",
	0x0013: "MonthInterval",
	0x0014: "YearInterval",
	0x0017: "MonthOfYearMask",
	0x0018: "OldRecurrenceType",
	0x001A: "OwnerCriticalChange",
	0x001C: "CalendarType",
	0x0023: "CleanGlobalObjectId",
	0x0024: "AppointmentMessageClass",
	0x0026: "MeetingType",
	0x0028: "OldLocation",
	0x0029: "OldWhenStartWhole",
	0x002A: "OldWhenEndWhole",
}

var commonNames = map[uint32]string{
	0x8501: "ReminderDelta",
	0x8502: "ReminderTime",
	0x8503: "ReminderSet",
	0x8506: "Private",
	0x850E: "AgingDontAgeMe",
	0x8510: "SideEffects",
	0x8514: "SmartNoAttach",
	0x8516: "CommonStart",
	0x8517: "CommonEnd",
	0x8518: "TaskMode",
	0x851C: "ReminderOverride",
	0x851E: "ReminderPlaySound",
	0x851F: "ReminderFileParameter",
	0x8530: "FlagRequest",
	0x8535: "Billing",
	0x8539: "Companies",
	0x853A: "Contacts",
	0x8552: "CurrentVersion",
	0x8554: "CurrentVersionName",
	0x8560: "ReminderSignalTime",
	0x8580: "InternetAccountName",
	0x8582: "UseTnef",
	0x8584: "ContactLinkSearchKey",
}

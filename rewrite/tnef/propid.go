package tnef

// Ids of properties that attributes stand for ([MS-OXTNEF] §2.1.3.3) and of
// those this package looks at itself ([MS-OXPROPS]).
const (
	pidTagImportance          = 0x0017
	PidTagMessageClass        = 0x001A
	PidTagSubject             = 0x0037
	pidTagSentName            = 0x0042
	pidTagReceivedEntry       = 0x0043
	pidTagReceivedName        = 0x0044
	pidTagOriginalClass       = 0x004B
	pidTagOwnerAppointment    = 0x0062
	pidTagResponseRequested   = 0x0063
	pidTagSentType            = 0x0064
	pidTagSentAddress         = 0x0065
	pidTagReceivedType        = 0x0077
	pidTagReceivedAddress     = 0x0078
	pidTagSenderName          = 0x0C1A
	pidTagSenderType          = 0x0C1E
	pidTagSenderAddress       = 0x0C1F
	PidTagBody                = 0x1000
	PidTagRtfCompressed       = 0x1009
	PidTagHTML                = 0x1013
	PidTagDisplayName         = 0x3001
	PidTagAttachData          = 0x3701
	pidTagAttachFilename      = 0x3704
	PidTagAttachMethod        = 0x3705
	PidTagAttachLongFilename  = 0x3707
	pidTagAttachRendering     = 0x3709
	pidTagAttachTransportName = 0x370C
	PidTagAttachMimeTag       = 0x370E
	PidTagAttachContentID     = 0x3712
	PidTagAttachFlags         = 0x3714
	PidTagInternetCodepage    = 0x3FDE
	PidTagAttachmentHidden    = 0x7FFE
)

// Values of PidTagAttachMethod and PidTagAttachFlags ([MS-OXCMSG] §2.2.2).
const (
	attachMethodEmbedded     = 5
	attachFlagRenderedInBody = 4
)

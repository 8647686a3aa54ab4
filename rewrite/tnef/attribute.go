package tnef

import (
	"errors"
	"fmt"
)

// Errors of Read; the returned error wraps one of them.
var (
	ErrSignature = errors.New("no TNEF signature")
	ErrTruncated = errors.New("TNEF stream is truncated")
	ErrDamaged   = errors.New("TNEF stream is damaged")
	ErrLimit     = errors.New("TNEF stream exceeds a limit")
)

// Attribute is one attribute of the message level ([MS-OXTNEF] §2.1.3.2).
type Attribute struct {
	ID   uint32
	Data []byte
}

// leveled is an attribute with its level, as the stream has it.
type leveled struct {
	Attribute
	level byte
}

const (
	levelMessage    = 1
	levelAttachment = 2
	// attributeOverhead is level, id, length and checksum.
	attributeOverhead = 1 + 4 + 4 + 2
)

// name gives the specification's name of an attribute, or its id.
func (a Attribute) name() string {
	if name, ok := attributeNames[a.ID]; ok {
		return name
	}
	return fmt.Sprintf("0x%08X", a.ID)
}

// Ids of attributes ([MS-OXTNEF] §2.1.3.2.3).
const (
	AttOwner                = 0x00060000
	AttSentFor              = 0x00060001
	attDelegate             = 0x00060002
	AttDateStart            = 0x00030006
	attDateEnd              = 0x00030007
	AttAidOwner             = 0x00050008
	AttRequestRes           = 0x00040009
	attOriginalMessageClass = 0x00070600
	AttFrom                 = 0x00008000
	AttSubject              = 0x00018004
	attDateSent             = 0x00038005
	attDateRecd             = 0x00038006
	attMessageStatus        = 0x00068007
	AttMessageClass         = 0x00078008
	attMessageID            = 0x00018009
	attParentID             = 0x0001800A
	attConversationID       = 0x0001800B
	AttBody                 = 0x0002800C
	AttPriority             = 0x0004800D
	AttAttachData           = 0x0006800F
	AttAttachTitle          = 0x00018010
	attAttachMetaFile       = 0x00068011
	attAttachCreateDate     = 0x00038012
	attAttachModifyDate     = 0x00038013
	attDateModified         = 0x00038020
	attAttachTransportName  = 0x00069001
	AttAttachRenddata       = 0x00069002
	AttMsgProps             = 0x00069003
	AttRecipTable           = 0x00069004
	AttAttachment           = 0x00069005
	attTnefVersion          = 0x00089006
	AttOemCodepage          = 0x00069007
)

var attributeNames = map[uint32]string{
	AttOwner:                "attOwner",
	AttSentFor:              "attSentFor",
	attDelegate:             "attDelegate",
	AttDateStart:            "attDateStart",
	attDateEnd:              "attDateEnd",
	AttAidOwner:             "attAidOwner",
	AttRequestRes:           "attRequestRes",
	attOriginalMessageClass: "attOriginalMessageClass",
	AttFrom:                 "attFrom",
	AttSubject:              "attSubject",
	attDateSent:             "attDateSent",
	attDateRecd:             "attDateRecd",
	attMessageStatus:        "attMessageStatus",
	AttMessageClass:         "attMessageClass",
	attMessageID:            "attMessageID",
	attParentID:             "attParentID",
	attConversationID:       "attConversationID",
	AttBody:                 "attBody",
	AttPriority:             "attPriority",
	AttAttachData:           "attAttachData",
	AttAttachTitle:          "attAttachTitle",
	attAttachMetaFile:       "attAttachMetaFile",
	attAttachCreateDate:     "attAttachCreateDate",
	attAttachModifyDate:     "attAttachModifyDate",
	attDateModified:         "attDateModified",
	attAttachTransportName:  "attAttachTransportFilename",
	AttAttachRenddata:       "attAttachRenddata",
	AttMsgProps:             "attMsgProps",
	AttRecipTable:           "attRecipTable",
	AttAttachment:           "attAttachment",
	attTnefVersion:          "attTnefVersion",
	AttOemCodepage:          "attOemCodepage",
}

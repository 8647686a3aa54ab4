package itip

import "strings"

// Type is a value type of RFC 5545 §3.3.
type Type uint8

const (
	Text Type = iota + 1
	DateTime
	Date
	Duration
	Period
	UTCOffset
	Recur
	CalAddress
	URI
	Integer
	Float
	Boolean
	Binary
	Time
	Word     // TEXT that is one of a list of words
	Position // two FLOATs, GEO
	Status   // the code and the texts of REQUEST-STATUS
	Token    // a language or a media type
)

// String returns the name of the type as in a VALUE parameter.
func (t Type) String() string {
	for name, typ := range typeNames {
		if typ == t {
			return name
		}
	}
	return ""
}

// typeNames are the words of the VALUE parameter (RFC 5545 §3.2.20).
var typeNames = map[string]Type{
	"TEXT": Text, "DATE-TIME": DateTime, "DATE": Date, "DURATION": Duration, "PERIOD": Period,
	"UTC-OFFSET": UTCOffset, "RECUR": Recur, "CAL-ADDRESS": CalAddress, "URI": URI, "INTEGER": Integer,
	"FLOAT": Float, "BOOLEAN": Boolean, "BINARY": Binary, "TIME": Time,
}

// types is a set of value types, a bit for each.
type types uint32

// property is what the value of a property may be.
type property struct {
	typ      Type
	others   types // that VALUE may name besides typ
	list     bool  // several values with commas between them
	utc      bool  // DATE-TIME in UTC only
	min, max int   // of an INTEGER; max is 0 where there is no end
	words    *words
	source   string
}

const date types = 1 << Date

// properties are the properties of RFC 5545 §3.7 and §3.8, of RFC 7986 §5 and RFC 9074, and
// what other calendars write beside them.
var properties = newByName(map[string]*property{
	"CALSCALE": {typ: Word, words: &calscale, source: "RFC 5545 §3.7.1"},
	"PRODID":   {typ: Text, source: "RFC 5545 §3.7.3"},

	"ATTACH":           {typ: URI, others: 1 << Binary, source: "RFC 5545 §3.8.1.1"},
	"CATEGORIES":       {typ: Text, list: true, source: "RFC 5545 §3.8.1.2"},
	"CLASS":            {typ: Word, words: &class, source: "RFC 5545 §3.8.1.3"},
	"COMMENT":          {typ: Text, source: "RFC 5545 §3.8.1.4"},
	"DESCRIPTION":      {typ: Text, source: "RFC 5545 §3.8.1.5"},
	"GEO":              {typ: Position, source: "RFC 5545 §3.8.1.6"},
	"LOCATION":         {typ: Text, source: "RFC 5545 §3.8.1.7"},
	"PERCENT-COMPLETE": {typ: Integer, max: 100, source: "RFC 5545 §3.8.1.8"},
	"PRIORITY":         {typ: Integer, max: 9, source: "RFC 5545 §3.8.1.9"},
	"RESOURCES":        {typ: Text, list: true, source: "RFC 5545 §3.8.1.10"},
	"STATUS":           {typ: Word, words: &status, source: "RFC 5545 §3.8.1.11"},
	"SUMMARY":          {typ: Text, source: "RFC 5545 §3.8.1.12"},

	"COMPLETED": {typ: DateTime, utc: true, source: "RFC 5545 §3.8.2.1"},
	"DTEND":     {typ: DateTime, others: date, source: "RFC 5545 §3.8.2.2"},
	"DUE":       {typ: DateTime, others: date, source: "RFC 5545 §3.8.2.3"},
	"DTSTART":   {typ: DateTime, others: date, source: "RFC 5545 §3.8.2.4"},
	"DURATION":  {typ: Duration, source: "RFC 5545 §3.8.2.5"},
	"FREEBUSY":  {typ: Period, list: true, utc: true, source: "RFC 5545 §3.8.2.6"},
	"TRANSP":    {typ: Word, words: &transp, source: "RFC 5545 §3.8.2.7"},

	"TZOFFSETFROM": {typ: UTCOffset, source: "RFC 5545 §3.8.3.3"},
	"TZOFFSETTO":   {typ: UTCOffset, source: "RFC 5545 §3.8.3.4"},
	"TZURL":        {typ: URI, source: "RFC 5545 §3.8.3.5"},

	"ATTENDEE":      {typ: CalAddress, source: "RFC 5545 §3.8.4.1"},
	"CONTACT":       {typ: Text, source: "RFC 5545 §3.8.4.2"},
	"ORGANIZER":     {typ: CalAddress, source: "RFC 5545 §3.8.4.3"},
	"RECURRENCE-ID": {typ: DateTime, others: date, source: "RFC 5545 §3.8.4.4"},
	"RELATED-TO":    {typ: Text, others: 1 << URI, source: "RFC 5545 §3.8.4.5"},
	"URL":           {typ: URI, source: "RFC 5545 §3.8.4.6"},
	"UID":           {typ: Text, source: "RFC 5545 §3.8.4.7"},

	"EXDATE": {typ: DateTime, others: date, list: true, source: "RFC 5545 §3.8.5.1"},
	"RDATE":  {typ: DateTime, others: date | 1<<Period, list: true, source: "RFC 5545 §3.8.5.2"},
	"RRULE":  {typ: Recur, source: "RFC 5545 §3.8.5.3"},
	"EXRULE": {typ: Recur, source: "RFC 2445 §4.8.5.2"},

	"ACTION":  {typ: Word, words: &action, source: "RFC 5545 §3.8.6.1"},
	"REPEAT":  {typ: Integer, source: "RFC 5545 §3.8.6.2"},
	"TRIGGER": {typ: Duration, others: 1 << DateTime, utc: true, source: "RFC 5545 §3.8.6.3"},

	"CREATED":       {typ: DateTime, utc: true, source: "RFC 5545 §3.8.7.1"},
	"DTSTAMP":       {typ: DateTime, utc: true, source: "RFC 5545 §3.8.7.2"},
	"LAST-MODIFIED": {typ: DateTime, utc: true, source: "RFC 5545 §3.8.7.3"},
	"SEQUENCE":      {typ: Integer, source: "RFC 5545 §3.8.7.4"},

	"REQUEST-STATUS": {typ: Status, source: "RFC 5545 §3.8.8.3"},

	"REFRESH-INTERVAL": {typ: Duration, source: "RFC 7986 §5.7"},
	"SOURCE":           {typ: URI, source: "RFC 7986 §5.8"},
	"CONFERENCE":       {typ: URI, others: 1 << Text, source: "RFC 7986 §5.11"},
	"ACKNOWLEDGED":     {typ: DateTime, utc: true, source: "RFC 9074 §6.1"},
	"PROXIMITY":        {typ: Text, source: "RFC 9074 §8.1"},
	"X-PUBLISHED-TTL":  {typ: Duration, source: "MS-OXCICAL X-PUBLISHED-TTL"},
})

// parameter is what the values of a parameter may be.
type parameter struct {
	typ    Type
	words  *words
	source string
}

// parameters are those of RFC 5545 §3.2 whose values have a form.
var parameters = newByName(map[string]*parameter{
	"ALTREP":         {typ: URI, source: "RFC 5545 §3.2.1"},
	"CUTYPE":         {words: &cutype, source: "RFC 5545 §3.2.3"},
	"DELEGATED-FROM": {typ: CalAddress, source: "RFC 5545 §3.2.4"},
	"DELEGATED-TO":   {typ: CalAddress, source: "RFC 5545 §3.2.5"},
	"DIR":            {typ: URI, source: "RFC 5545 §3.2.6"},
	"ENCODING":       {words: &encoding, source: "RFC 5545 §3.2.7"},
	"FMTTYPE":        {typ: Token, source: "RFC 5545 §3.2.8"},
	"FBTYPE":         {words: &fbtype, source: "RFC 5545 §3.2.9"},
	"LANGUAGE":       {typ: Token, source: "RFC 5545 §3.2.10"},
	"MEMBER":         {typ: CalAddress, source: "RFC 5545 §3.2.11"},
	"PARTSTAT":       {words: &partstat, source: "RFC 5545 §3.2.12"},
	"RANGE":          {words: &ranges, source: "RFC 5545 §3.2.13"},
	"RELATED":        {words: &related, source: "RFC 5545 §3.2.14"},
	"RELTYPE":        {words: &reltype, source: "RFC 5545 §3.2.15"},
	"ROLE":           {words: &role, source: "RFC 5545 §3.2.16"},
	"RSVP":           {words: &truth, source: "RFC 5545 §3.2.17"},
	"SENT-BY":        {typ: CalAddress, source: "RFC 5545 §3.2.18"},
	"VALUE":          {words: &valueTypes, source: "RFC 5545 §3.2.20"},
})

// wordList is the words of an enumerated value.
type wordList struct {
	words []string
	open  bool // registered words of others are allowed too
}

func (l *wordList) has(word string) bool {
	for _, w := range l.words {
		if w == word {
			return true
		}
	}
	return false
}

// words is the words of an enumerated value where they are the same in all
// components, or those of each component.
type words struct {
	wordList
	in []named[wordList]
}

func (w *words) of(component string) *wordList {
	for i := range w.in {
		if w.in[i].name == component {
			return &w.in[i].is
		}
	}
	return &w.wordList
}

func closedList(list ...string) words { return words{wordList: wordList{words: list}} }
func openList(list ...string) words   { return words{wordList: wordList{words: list, open: true}} }

var (
	calscale   = openList("GREGORIAN")
	class      = openList("PUBLIC", "PRIVATE", "CONFIDENTIAL")
	transp     = closedList("OPAQUE", "TRANSPARENT")
	action     = openList("DISPLAY", "AUDIO", "EMAIL", "PROCEDURE")
	cutype     = openList("INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN")
	encoding   = closedList("BASE64", "8BIT")
	fbtype     = openList("FREE", "BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE")
	ranges     = closedList("THISANDFUTURE", "THISANDPRIOR")
	related    = closedList("START", "END")
	reltype    = openList("PARENT", "CHILD", "SIBLING")
	role       = openList("CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT")
	truth      = closedList("TRUE", "FALSE")
	valueTypes = openList("TEXT", "DATE-TIME", "DATE", "DURATION", "PERIOD", "UTC-OFFSET", "RECUR", "CAL-ADDRESS", "URI",
		"INTEGER", "FLOAT", "BOOLEAN", "BINARY", "TIME", "UID", "XML-REFERENCE")

	status = words{
		wordList: wordList{words: []string{"TENTATIVE", "CONFIRMED", "CANCELLED", "NEEDS-ACTION", "COMPLETED", "IN-PROCESS", "DRAFT", "FINAL"}},
		in: []named[wordList]{
			{"VEVENT", wordList{words: []string{"CONFIRMED", "CANCELLED", "TENTATIVE"}}},
			{"VTODO", wordList{words: []string{"NEEDS-ACTION", "COMPLETED", "IN-PROCESS", "CANCELLED"}}},
			{"VJOURNAL", wordList{words: []string{"DRAFT", "FINAL", "CANCELLED"}}},
		},
	}
	partstat = words{
		wordList: wordList{words: []string{"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"}},
		in: []named[wordList]{
			{"VTODO", wordList{words: []string{"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "COMPLETED", "IN-PROCESS"}}},
			{"VJOURNAL", wordList{words: []string{"NEEDS-ACTION", "ACCEPTED", "DECLINED"}}},
		},
	}
)

// WordsOf returns the permitted values of an enumerated property of a component, or
// of a parameter of it.
func WordsOf(component, property, param string) []string {
	var w *words
	if p, ok := properties.get(property); ok {
		w = p.words
	}
	if param != "" {
		w = nil
		if p, ok := parameters.get(param); ok {
			w = p.words
		}
	}
	if w == nil {
		return nil
	}
	return w.of(component).words
}

// IsParameter reports whether a name (upper case) is that of a parameter.
func IsParameter(name string) bool {
	_, ok := parameters.get(name)
	return ok || name == "CN" || name == "TZID" || name == "EMAIL"
}

// isExtension reports whether a word is one of somebody's own (x-name).
func isExtension(v string) bool { return len(v) > 2 && strings.EqualFold(v[:2], "X-") && isToken(v) }

// isToken reports whether a word is an iana-token (RFC 5545 §3.1).
func isToken(v string) bool {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' {
			continue
		}
		return false
	}
	return v != ""
}

package tnef

// zoneIndex are the zones of PidLidTimeZone ([MS-OXOCAL] §2.2.5.7): what a
// meeting has that was made before there were time zone blobs. The numbers
// are not those of X-MICROSOFT-CDO-TZID.
var zoneIndex = map[int64]indexZone{
	1:  {offset: 0, standard: yearMoment{10, 0, 5, 2}, daylight: yearMoment{3, 0, 5, 1}},
	2:  {offset: 60, standard: yearMoment{9, 0, 5, 2}, daylight: yearMoment{3, 0, 5, 1}},
	3:  {offset: 60, standard: yearMoment{10, 0, 5, 3}, daylight: yearMoment{3, 0, 5, 2}},
	4:  {offset: 60, standard: yearMoment{10, 0, 5, 3}, daylight: yearMoment{3, 0, 5, 2}},
	5:  {offset: 120, standard: yearMoment{9, 0, 5, 1}, daylight: yearMoment{3, 0, 5, 0}},
	6:  {offset: 60, standard: yearMoment{9, 0, 5, 1}, daylight: yearMoment{3, 0, 5, 0}},
	7:  {offset: 120, standard: yearMoment{10, 0, 5, 4}, daylight: yearMoment{3, 0, 5, 3}},
	8:  {offset: -180, standard: yearMoment{2, 0, 2, 2}, daylight: yearMoment{10, 0, 3, 2}},
	9:  {offset: -240, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	10: {offset: -300, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	11: {offset: -360, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	12: {offset: -420, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	13: {offset: -480, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	14: {offset: -540, standard: yearMoment{11, 0, 1, 2}, daylight: yearMoment{3, 0, 2, 2}},
	15: {offset: -600},
	16: {offset: -660},
	17: {offset: 720, standard: yearMoment{4, 0, 1, 3}, daylight: yearMoment{9, 0, 5, 2}},
	18: {offset: 600, standard: yearMoment{3, 0, 5, 3}, daylight: yearMoment{10, 0, 5, 2}},
	19: {offset: 570, standard: yearMoment{3, 0, 5, 3}, daylight: yearMoment{10, 0, 5, 2}},
	20: {offset: 540},
	21: {offset: 480},
	22: {offset: 420},
	23: {offset: 330},
	24: {offset: 240},
	25: {offset: 210, standard: yearMoment{9, 2, 4, 2}, daylight: yearMoment{3, 0, 1, 2}},
	26: {offset: 180},
	27: {offset: 120, standard: yearMoment{9, 0, 3, 2}, daylight: yearMoment{3, 5, 5, 2}},
	28: {offset: -210, standard: yearMoment{11, 0, 1, 0}, daylight: yearMoment{3, 0, 2, 0}},
	29: {offset: -60, standard: yearMoment{10, 0, 5, 1}, daylight: yearMoment{3, 0, 5, 0}},
	30: {offset: -120, standard: yearMoment{10, 0, 5, 1}, daylight: yearMoment{3, 0, 5, 0}},
	31: {offset: 0},
	32: {offset: -180},
	33: {offset: -240},
	34: {offset: -300},
	35: {offset: -300},
	36: {offset: -360},
	37: {offset: -360, standard: yearMoment{10, 0, 5, 2}, daylight: yearMoment{4, 0, 1, 2}},
	38: {offset: -420},
	39: {offset: -720},
	40: {offset: 720},
	41: {offset: 660},
	42: {offset: 600, standard: yearMoment{3, 0, 5, 2}, daylight: yearMoment{10, 0, 1, 2}},
	43: {offset: 600},
	44: {offset: 570},
	45: {offset: 480, standard: yearMoment{9, 0, 2, 2}, daylight: yearMoment{4, 0, 2, 2}},
	46: {offset: 360},
	47: {offset: 300},
	48: {offset: 270},
	49: {offset: 120, standard: yearMoment{9, 4, 5, 2}, daylight: yearMoment{5, 5, 1, 2}},
	50: {offset: 120},
	51: {offset: 180, standard: yearMoment{10, 0, 5, 1}, daylight: yearMoment{3, 0, 5, 0}},
	52: {offset: 600, standard: yearMoment{3, 0, 5, 2}, daylight: yearMoment{8, 0, 5, 2}},
	53: {offset: 600, standard: yearMoment{4, 0, 1, 3}, daylight: yearMoment{10, 0, 5, 2}},
	54: {offset: 570, standard: yearMoment{4, 0, 1, 3}, daylight: yearMoment{10, 0, 5, 2}},
	55: {offset: 600, standard: yearMoment{4, 0, 1, 3}, daylight: yearMoment{10, 0, 1, 2}},
	56: {offset: -240, standard: yearMoment{3, 6, 2, 23}, daylight: yearMoment{10, 6, 2, 23}},
	57: {offset: 480, standard: yearMoment{3, 0, 5, 3}, daylight: yearMoment{10, 0, 5, 2}},
	58: {offset: -420, standard: yearMoment{10, 0, 5, 2}, daylight: yearMoment{4, 0, 1, 2}},
	59: {offset: -480, standard: yearMoment{10, 0, 5, 2}, daylight: yearMoment{4, 0, 1, 2}},
}

// indexZone is an offset in minutes east of UTC, with the moments of change
// where there are some.
type indexZone struct {
	offset             int32
	standard, daylight yearMoment
}

// yearMoment is the nth weekday (5 the last) of a month, at an hour.
type yearMoment struct{ month, weekday, nth, hour uint16 }

func (m yearMoment) systemTime() systemTime {
	return systemTime{month: m.month, weekday: m.weekday, day: m.nth, hour: m.hour}
}

// noDaylight is the bit that switches daylight saving time off.
const noDaylight = 1 << 31

// indexedRule gives the rule of a PidLidTimeZone. Zero is no zone.
func indexedRule(v int64) (tzRule, bool) {
	z, ok := zoneIndex[v&0xFFFF]
	r := tzRule{bias: -z.offset}
	if z.standard.month != 0 && v&noDaylight == 0 {
		r.daylightBias, r.standard, r.daylight = -60, z.standard.systemTime(), z.daylight.systemTime()
	}
	return r, ok
}

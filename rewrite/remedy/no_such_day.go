package remedy

import (
	"regexp"
	"strconv"
	"time"
)

var dayInside = regexp.MustCompile(`(?:^|[=/])(\d{4})-?(\d\d)-?(\d\d)(?:$|[T;/ ])`)

// noSuchDay reports whether a value has a date whose month is shorter, such as 30
// February, and returns the last day of the month. Receivers count on into the
// next month, take the last day, or drop the property, so that no repair is
// exact.
func noSuchDay(v string) (last time.Time, ok bool) {
	for _, m := range dayInside.FindAllStringSubmatch(v[:min(len(v), 2000)], 64) {
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		day, _ := strconv.Atoi(m[3])
		if month < 1 || month > 12 || day > 31 {
			continue
		}
		if last = time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC); day > last.Day() {
			return last, true
		}
	}
	return time.Time{}, false
}

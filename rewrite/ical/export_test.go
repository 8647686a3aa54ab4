package ical

var DaysOf = daysOf

/* Reads "Z name octets", a VTIMEZONE of so many octets, and "T n" with n
   instants in Unix seconds; writes the offset of each, one a line. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
	char name[256];
	size_t octets, n;
	while (scanf(" Z %255s %zu\n", name, &octets) == 2) {
		char *text = malloc(octets + 1);
		if (!text || fread(text, 1, octets, stdin) != octets) return 1;
		text[octets] = 0;
		icalcomponent *comp = icalparser_parse_string(text);
		icaltimezone *zone = icaltimezone_new();
		int ok = comp && icaltimezone_set_component(zone, comp);
		if (scanf(" T %zu", &n) != 1) return 1;
		while (n-- > 0) {
			long long at;
			int dst;
			if (scanf("%lld", &at) != 1) return 1;
			struct icaltimetype t = icaltime_from_timet_with_zone((time_t)at, 0, icaltimezone_get_utc_timezone());
			printf("%d\n", ok ? icaltimezone_get_utc_offset_of_utc_time(zone, &t, &dst) : -1);
		}
		icaltimezone_free(zone, 1);
		free(text);
	}
	return 0;
}

package tlsreport

import (
	"encoding/json"
	"fmt"
	"time"
)

// Report is the report on a domain (RFC 8460 §4.2).
type Report struct {
	Organization string    `json:"organization-name"`
	Range        DateRange `json:"date-range"`
	Contact      string    `json:"contact-info,omitempty"`
	ID           string    `json:"report-id"`
	Policies     []*Policy `json:"policies"`
}

// DateRange is the day of a report.
type DateRange struct {
	Start time.Time `json:"start-datetime"`
	End   time.Time `json:"end-datetime"`
}

// report makes the report on a domain for a day.
func (c *Counts) report(organization, contact, domain string, policies []*Policy) (*Report, error) {
	start, err := time.Parse(time.DateOnly, c.Day)
	if err != nil {
		return nil, err
	}
	return &Report{Organization: organization, Contact: contact, ID: c.Day + "." + domain + "@" + organization, Policies: policies,
		Range: DateRange{start, start.Add(24*time.Hour - time.Second)}}, nil
}

// file returns the name of the report's file (RFC 8460 §5.1), and its contents.
func (r *Report) file(domain string) (name string, text []byte, err error) {
	text, err = json.MarshalIndent(r, "", "  ")
	return fmt.Sprintf("%s!%s!%d!%d.json", r.Organization, domain, r.Range.Start.Unix(), r.Range.End.Unix()), append(text, '\n'), err
}

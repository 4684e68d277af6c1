// Package config is the vocabulary that the three sections of config.yaml share: secrets that come from outside and
// cannot be printed, durations, sizes and shares, and the [Problem] by which a section says what is wrong with it and
// where.
//
// It knows no section, no file and no YAML: the command that reads the file gives each value its text ([Tree] where the
// shape is the integrator's own), resolves the references in it, and finds the line and column of a Problem's place.
package config

import (
	"encoding"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Each of these compiles itself from its text, so that a value which is held is a value which works.
var (
	_ encoding.TextUnmarshaler = (*Duration)(nil)
	_ encoding.TextUnmarshaler = (*Size)(nil)
	_ encoding.TextUnmarshaler = (*Share)(nil)
	_ encoding.TextUnmarshaler = (*Secret)(nil)
)

// Duration is a positive span of time, written as Go writes it, 250ms, 2s, 1m30s, or in days of 24 hours, 365d.
type Duration time.Duration

// UnmarshalText reads "2s"; a bare number is refused, since its unit would be a guess.
func (d *Duration) UnmarshalText(text []byte) error {
	span, err := parseSpan(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration: write a number with its unit, for example 250ms, 2s, 1m or 30d", text)
	}
	if span <= 0 {
		return fmt.Errorf("a duration must be longer than zero, not %s", text)
	}
	*d = Duration(span)
	return nil
}

const day = 24 * time.Hour

func parseSpan(text string) (time.Duration, error) {
	days, inDays := strings.CutSuffix(text, "d")
	if !inDays {
		return time.ParseDuration(text)
	}
	count, err := strconv.ParseUint(days, 10, 16) // 65535 days are less than the 292 years that a time.Duration holds
	return time.Duration(count) * day, err        //nolint:gosec // at most 16 bits
}

// String gives the form that UnmarshalText reads.
func (d Duration) String() string {
	span := time.Duration(d)
	if span >= day && span%day == 0 {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	return span.String()
}

// Size is a number of bytes, written as 64KiB, 16MiB or a bare number of bytes.
type Size int64

// UnmarshalText reads "16MiB", "64 KiB" or "512".
func (s *Size) UnmarshalText(text []byte) error {
	number, unit := strings.TrimSpace(string(text)), int64(1)
	for _, known := range sizeUnits {
		if rest, found := strings.CutSuffix(number, known.name); found {
			number, unit = strings.TrimSpace(rest), known.bytes
			break
		}
	}
	count, err := strconv.ParseInt(number, 10, 64)
	if err != nil || count <= 0 || count > math.MaxInt64/unit {
		return fmt.Errorf("%q is not a size: write a whole number with KiB, MiB or GiB, for example 16MiB", text)
	}
	*s = Size(count * unit)
	return nil
}

// String gives the largest unit that divides the size.
func (s Size) String() string {
	for _, known := range sizeUnits {
		if int64(s)%known.bytes == 0 && int64(s) >= known.bytes {
			return strconv.FormatInt(int64(s)/known.bytes, 10) + known.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

var sizeUnits = [...]struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// Share is a part of a whole, from 0 to 1, written as a percentage: 20%.
type Share float64

// UnmarshalText reads "20%" or "0.5%"; the sign is required, since 0.2 and 20 are easily mistaken for each other.
func (s *Share) UnmarshalText(text []byte) error {
	number, found := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	percent, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(percent >= 0 && percent <= 100) {
		return fmt.Errorf("%q is not a share: write a percentage from 0%% to 100%%, for example 20%%", text)
	}
	*s = Share(percent / 100)
	return nil
}

// String gives the form that UnmarshalText reads.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'f', -1, 64) + "%" }

package config

// Nearest gives the name that a misspelt one was probably meant to be: at most two typing errors away, and fewer than
// it has letters. Empty if there is none.
func Nearest(misspelt string, names []string) string {
	best, found := 3, ""
	for _, name := range names {
		if d := distance([]rune(misspelt), []rune(name)); d < best && d < len(name) && d < len(misspelt) {
			best, found = d, name
		}
	}
	return found
}

// distance counts the letters to insert, remove, replace or swap with their neighbour to make b of a.
func distance(a, b []rune) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			same := 1
			if a[i] == b[j] {
				same = 0
			}
			row[j+1] = min(last[j]+same, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

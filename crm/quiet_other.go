//go:build !unix

package crm

// quietly leaves connections as they are: what has come cannot be looked at here without taking it.
func quietly(next dial) dial { return next }

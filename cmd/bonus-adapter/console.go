package main

import (
	"net"

	"bonus-adapter/cmd/bonus-adapter/console"
)

// consoleHint tells where the console is, or how to get it.
func consoleHint(admin net.Listener) string {
	if admin == nil {
		return "To see it in a browser, add --admin 127.0.0.1:9090."
	}
	return "To see it in a browser: http://" + admin.Addr().String() + console.Path
}

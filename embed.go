// Package bonusadapter holds what the binary carries from the root of the repository: the config that a user starts
// from, which is also the config of the demo.
package bonusadapter

import _ "embed"

// Config is config.yaml, byte for byte.
//
//go:embed config.yaml
var Config []byte

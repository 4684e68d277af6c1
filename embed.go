// Package bonusadapter holds what the binary carries from the root of the repository: the config that a user starts
// from, which is also the config of the demo, and the presets.
package bonusadapter

import "embed"

// Config is config.yaml, byte for byte.
//
//go:embed config.yaml
var Config []byte

// Configuration is CONFIGURATION.md: what it says about each key is shown by editors, as part of the schema.
//
//go:embed CONFIGURATION.md
var Configuration []byte

// Presets is the folder presets: one folder for each CRM that is known, with its config.yaml, what is known about it
// (preset.yaml) and its cases (tests).
//
//go:embed presets
var Presets embed.FS

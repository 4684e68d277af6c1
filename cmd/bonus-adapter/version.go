package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"bonus-adapter/cmd/bonus-adapter/metrics"
)

// Set by the linker (-ldflags "-X main.release=v1.2.3 -X main.revision=abc") where the Go command cannot see the
// repository, as in a container's build; never written by the program.
var release, revision string

// thisBuild tells which program this is: what the linker was told, or else what the Go command saw.
func thisBuild() metrics.Build {
	build := metrics.Build{Version: firstOf(release, "(devel)"), Commit: revision}
	info, known := debug.ReadBuildInfo()
	if !known {
		return build
	}
	build.Version, build.Go = firstOf(release, info.Main.Version, "(devel)"), info.GoVersion
	if build.Commit == "" {
		build.Commit = commitOf(info.Settings)
	}
	return build
}

func commitOf(settings []debug.BuildSetting) string {
	var commit, changed string
	for _, setting := range settings {
		switch setting.Key {
		case "vcs.revision":
			commit = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				changed = "+changed"
			}
		}
	}
	return commit + changed
}

// version names the program in one line: the release, the commit if it is known, the version of Go.
func version() string {
	build := thisBuild()
	words := []string{build.Version}
	if build.Commit != "" {
		words = append(words, "commit "+build.Commit)
	}
	return strings.Join(append(words, build.Go), " ")
}

func runVersion(_ context.Context, p *program, args []string) error {
	if err := parse(p.flags("version"), args, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "bonus-adapter %s\n", version())
	return err
}

package main

import (
	"os"
	"testing"

	"bonus-adapter/crm/crmtest"
)

// TestMain fails if the tests of this room, faults and all, leave something over.
func TestMain(m *testing.M) { os.Exit(crmtest.Main(m)) }

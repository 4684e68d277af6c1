package sharing

import (
	"fmt"
	"strings"
	"testing"

	"bonus-adapter/test/rig"
)

// TestTheProgramNeedsNoRedis starts the program without its Redis, gives it one, and then one that is silent: every
// customer is answered by the CRM, and once more from the cache while there is one.
func TestTheProgramNeedsNoRedis(t *testing.T) {
	crm, redis := newVendor(t), rig.StartRedis(t)
	redis.Kill()
	program := program.Serve(t, strings.Replace(fmt.Sprintf(settings, crm.URL, redis.Address), "rate:", "#", 1), "REDIS_KEY="+secret)
	program.Frees(crm.Drop)
	program.Keeps(redisConnections)
	number := 0
	live := func() string {
		t.Helper()
		number++
		customer := fmt.Sprint(number)
		if got, err := program.Ask(t.Context(), patience, customer); err != nil || got.Status != 200 || got.History != "live" {
			t.Errorf("%s: %v %v", customer, got, err)
		}
		return customer
	}
	for range 20 {
		live()
	}
	redis.Start(t)
	rig.Until(t, "answers are kept", func() bool {
		got, err := program.Ask(t.Context(), patience, live())
		return err == nil && got.History == "cache"
	})
	redis.Silence(t)
	defer redis.Speak(t)
	for range 20 {
		live()
	}
	if logins := crm.logins.Load(); logins != 1 {
		t.Errorf("%d logins", logins)
	}
}

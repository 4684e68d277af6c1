package crm

import (
	"errors"
	"testing"
)

func TestPublicOnly(t *testing.T) {
	for address, allowed := range map[string]bool{
		"8.8.8.8:443": true, "[2a02:6b8::2:242]:443": true, "172.32.0.1:80": true, "100.128.0.1:80": true,
		"127.0.0.1:80": false, "127.9.9.9:80": false, "0.0.0.0:80": false, "10.1.2.3:80": false, "172.16.0.1:80": false, "192.168.1.1:80": false,
		"169.254.169.254:80": false, "100.100.100.200:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "198.18.0.1:80": false,
		"[::1]:80": false, "[::]:80": false, "[fe80::1]:80": false, "[fd00:ec2::254]:80": false, "[ff02::1]:80": false,
		"[::ffff:127.0.0.1]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "[2002:7f00:1::]:80": false, "crm.example.ru:80": false,
	} {
		if err := publicOnly("tcp", address, nil); (err == nil) != allowed || err != nil && !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

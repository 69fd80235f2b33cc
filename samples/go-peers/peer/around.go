// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"
)

// inMemory is the registry, and the broker, that nobody else sees.
const inMemory = "memory"

var (
	protocols  = []string{GRPC, Mucp}
	registries = []string{inMemory, "consul", "etcd", "nats", "mdns"}
	brokers    = []string{inMemory, "http", "nats", "rabbitmq"}
)

// aroundFlags defines the flags for a registry and a broker and returns what to ask after they were parsed.
func aroundFlags(flags *flag.FlagSet) func() (Around, error) {
	var (
		registry        = flags.String("registry", inMemory, "memory (of this process), consul, etcd, nats or mdns (the local network!)")
		addresses       = flags.String("registry-address", "", "consul, etcd, nats: loopback addresses, host:port[,host:port]")
		ttl             = flags.Duration("register-ttl", 90*time.Second, "serve: life of an entry that is not refreshed")
		interval        = flags.Duration("register-interval", 30*time.Second, "serve: from one refresh of the entry to the next")
		broker          = flags.String("broker", inMemory, "serve, publish: memory (of this process), http, nats or rabbitmq")
		brokerOnAddress = flags.String("broker-address", "", "nats, rabbitmq: loopback address of the server; http: to listen on (default 127.0.0.1:0)")
	)
	return func() (Around, error) {
		around := Around{
			Registry{Kind: *registry, TTL: *ttl, Interval: *interval},
			Broker{Kind: *broker, Address: *brokerOnAddress},
		}
		if err := checkOneOf("registry", *registry, registries); err != nil {
			return around, err
		}
		if *registry != inMemory && *registry != "mdns" {
			around.Registry.Addresses = strings.Split(*addresses, ",")
			for _, address := range around.Registry.Addresses {
				if err := checkLoopback("registry-address", address); err != nil {
					return around, err
				}
			}
		}
		if err := checkOneOf("broker", *broker, brokers); err != nil {
			return around, err
		}
		if *broker == "http" && *brokerOnAddress == "" {
			around.Broker.Address = "127.0.0.1:0"
		}
		if *broker != inMemory {
			return around, checkLoopback("broker-address", around.Broker.Address)
		}
		return around, nil
	}
}

func checkOneOf(flag, value string, expected []string) error {
	if slices.Contains(expected, value) {
		return nil
	}
	return fmt.Errorf("%w: -%s %q (expected: %s)", errUsage, flag, value, strings.Join(expected, ", "))
}

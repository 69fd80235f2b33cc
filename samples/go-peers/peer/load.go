// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"dev.vertxmicro/peer/greeterpb"
)

// maxSamples is the number of calls of a round whose latency is kept; what is kept is garbage collected, too.
const maxSamples = 1 << 19

// loadingEvent is the first line of load mode: from here on rounds are read.
type loadingEvent struct {
	Ready   bool   `json:"ready"`
	Options string `json:"options"`
	GoMicro string `json:"goMicro"`
}

// round is a line of standard input in load mode.
type round struct {
	Millis   int64 `json:"millis"`
	InFlight int   `json:"inFlight"`
	Bytes    int   `json:"bytes"` // of the payload, both ways
}

// figures are what a round has measured. CPU is that of the process, user and system, garbage collection included.
type figures struct {
	Calls          int64   `json:"calls"`
	CallsPerSecond float64 `json:"callsPerSecond"`
	CPUMicros      float64 `json:"cpuMicros"` // a call
	Garbage        float64 `json:"garbage"`   // bytes allocated a call
	P50            float64 `json:"p50"`       // in microseconds, as are the next two
	P99            float64 `json:"p99"`
	P999           float64 `json:"p999"`
}

// load runs a round for each line of standard input: so many callers, each of which calls Greeter.Echo again as soon as
// it has the reply. One go-micro client serves all rounds. The target stands in the registry of this process, so that
// go-micro's selector chooses it, as it would any node.
func load(ctx context.Context, framework Framework, call Call, around Around, in io.Reader, lines *lineWriter) error {
	if err := checkTarget(call, around); err != nil {
		return err
	}
	if around.Registry.Kind == inMemory {
		around.Registry.Holding = &Node{call.Service, call.Target, call.Protocol}
		call.Target = ""
	}
	call.Endpoint = "Greeter.Echo"
	echo := framework.Caller(call, around)
	options := fmt.Sprintf("%s, timeout %v, %d retries, GOMAXPROCS %d, %s", call.Protocol, call.Timeout, call.Retries, runtime.GOMAXPROCS(0), runtime.Version())
	lines.print(loadingEvent{true, options, goMicroVersion(framework.Module())})

	latencies := make([]time.Duration, maxSamples)
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		var next round
		if err := json.Unmarshal(scanner.Bytes(), &next); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if next.Millis < 1 || next.InFlight < 1 || next.Bytes < 0 {
			return fmt.Errorf("%w: %s (expected: millis and inFlight, at least 1, and bytes)", errUsage, scanner.Text())
		}
		request := &greeterpb.EchoRequest{Payload: make([]byte, next.Bytes)}
		measured, err := next.run(latencies, func() error {
			reply := &greeterpb.EchoReply{}
			if err := echo(ctx, request, reply); err != nil {
				return err
			}
			if len(reply.Payload) != next.Bytes {
				return fmt.Errorf("a reply of %d bytes (expected: %d)", len(reply.Payload), next.Bytes)
			}
			return nil
		})
		if err != nil {
			return err
		}
		lines.print(measured)
	}
	return scanner.Err()
}

func (r round) run(latencies []time.Duration, call func() error) (figures, error) {
	var (
		calls   atomic.Int64
		callers sync.WaitGroup
		failed  = make([]error, r.InFlight)
	)
	garbage := allocated()
	cpu, err := processTime()
	if err != nil {
		return figures{}, err
	}
	start := time.Now()
	end := start.Add(time.Duration(r.Millis) * time.Millisecond)
	for i := range r.InFlight {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for began := time.Now(); began.Before(end); began = time.Now() {
				if failed[i] = call(); failed[i] != nil {
					return
				}
				if index := calls.Add(1) - 1; index < int64(len(latencies)) {
					latencies[index] = time.Since(began)
				}
			}
		}()
	}
	callers.Wait()
	took := time.Since(start)
	after, err := processTime()
	if err = errors.Join(append(failed, err)...); err != nil {
		return figures{}, err
	}
	garbage = allocated() - garbage
	n := calls.Load()
	kept := latencies[:min(n, int64(len(latencies)))]
	slices.Sort(kept)
	at := func(share float64) float64 {
		return float64(kept[int(float64(len(kept))*share)].Nanoseconds()) / 1e3
	}
	return figures{
		Calls:          n,
		CallsPerSecond: float64(n) / took.Seconds(),
		CPUMicros:      float64((after - cpu).Nanoseconds()) / 1e3 / float64(n),
		Garbage:        float64(garbage) / float64(n),
		P50:            at(0.5),
		P99:            at(0.99),
		P999:           at(0.999),
	}, nil
}

// processTime is what the process has used of processors, as user and in the system.
func processTime() (time.Duration, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}

func allocated() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.TotalAlloc
}

// SPDX-License-Identifier: Apache-2.0

package peer

import (
	"context"
	"io"
)

// found is the one line of list and get mode.
type found struct {
	Services any    `json:"services,omitempty"`
	Other    string `json:"other,omitempty"` // the text of the error, if there was one
	GoMicro  string `json:"goMicro"`
}

// watchingEvent is the first line of watch mode: from here on changes are reported.
type watchingEvent struct {
	Ready   bool   `json:"ready"`
	Name    string `json:"name"`
	GoMicro string `json:"goMicro"`
}

// changeEvent is one change that a watch saw.
type changeEvent struct {
	Event   string `json:"event"` // create, update or delete
	Service any    `json:"service"`
}

func list(framework Framework, registry Registry, lines *lineWriter) error {
	services, err := framework.List(registry)
	return printFound(framework, services, err, lines)
}

func get(framework Framework, registry Registry, service string, lines *lineWriter) error {
	services, err := framework.Get(registry, service)
	return printFound(framework, services, err, lines)
}

func printFound(framework Framework, services any, failure error, lines *lineWriter) error {
	version := goMicroVersion(framework.Module())
	if failure != nil {
		lines.print(found{Other: failure.Error(), GoMicro: version})
		return errReported
	}
	lines.print(found{Services: services, GoMicro: version})
	return nil
}

// watch reports changes until the context ends or standard input is closed.
func watch(ctx context.Context, framework Framework, registry Registry, service string, in io.Reader, lines *lineWriter) error {
	watcher, err := framework.Watch(registry, service)
	if err != nil {
		return err
	}
	lines.print(watchingEvent{true, service, goMicroVersion(framework.Module())})

	ctx, cancel := untilClosed(ctx, in)
	defer cancel()
	defer context.AfterFunc(ctx, watcher.Stop)()
	for {
		action, service, err := watcher.Next()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		lines.print(changeEvent{action, service})
	}
}

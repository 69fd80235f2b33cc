// SPDX-License-Identifier: Apache-2.0

package peerv5

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
)

// go-micro's gRPC server puts a codec in the place of gRPC's own, for the whole process, which refuses the messages
// of etcd's client: they have protobuf's older API. With v5.30 no gRPC server could register in etcd otherwise.
// Packages that main imports have been initialised before this.
func init() {
	encoding.RegisterCodec(olderMessages{encoding.GetCodec("proto")})
}

// olderMessages turns messages of the older API into the newer one, for a codec that knows only that.
type olderMessages struct {
	encoding.Codec
}

func (c olderMessages) Marshal(message any) ([]byte, error) {
	return c.Codec.Marshal(newer(message))
}

func (c olderMessages) Unmarshal(data []byte, message any) error {
	return c.Codec.Unmarshal(data, newer(message))
}

func newer(message any) any {
	if _, ok := message.(proto.Message); ok {
		return message
	}
	if older, ok := message.(protoadapt.MessageV1); ok {
		return protoadapt.MessageV2Of(older)
	}
	return message
}

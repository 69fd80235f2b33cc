// SPDX-License-Identifier: Apache-2.0

package peerv5

import (
	"errors"

	"go-micro.dev/v5/codec"
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/protoadapt"
)

// go-micro's gRPC server puts a codec in the place of gRPC's own, for the whole process, which in later versions refuses
// the messages of etcd's client: they have protobuf's older API. With v5.30 no gRPC server could register in etcd
// otherwise. Packages that this one imports have been initialised before this.
func init() {
	encoding.RegisterCodec(olderMessages{encoding.GetCodec("proto")})
}

// olderMessages turns messages of the older API that were refused into the newer one.
type olderMessages struct {
	encoding.Codec
}

func (c olderMessages) Marshal(message any) ([]byte, error) {
	data, err := c.Codec.Marshal(message)
	if older, ok := message.(protoadapt.MessageV1); ok && errors.Is(err, codec.ErrInvalidMessage) {
		return c.Codec.Marshal(protoadapt.MessageV2Of(older))
	}
	return data, err
}

func (c olderMessages) Unmarshal(data []byte, message any) error {
	err := c.Codec.Unmarshal(data, message)
	if older, ok := message.(protoadapt.MessageV1); ok && errors.Is(err, codec.ErrInvalidMessage) {
		return c.Codec.Unmarshal(data, protoadapt.MessageV2Of(older))
	}
	return err
}

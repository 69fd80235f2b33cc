// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import dev.vertxmicro.codec.sample.Colour;
import dev.vertxmicro.codec.sample.Sample;

/** The sample message with every field set, but for Any. */
final class Samples {

  private Samples() {}

  static Sample full() {
    Timestamp at = Timestamp.newBuilder().setSeconds(5).setNanos(7).build();
    Sample part = Sample.newBuilder().setServedBy("part").setAt(at).build();
    return Sample.newBuilder()
        .setServedBy("127.0.0.1:1")
        .setBigNumber(Long.MIN_VALUE)
        .setHugeNumber(-1)
        .setSmallNumber(-3)
        .setRatio(0.1)
        .setIsOn(true)
        .setPayload(ByteString.copyFrom(new byte[] {-1, -2, -3, 0}))
        .setColour(Colour.GREEN)
        .addColours(Colour.RED)
        .addColours(Colour.COLOUR_UNSPECIFIED)
        .addBigNumbers(1L << 60)
        .putCounts("a_b", 1L << 55)
        .putSeen("x", at)
        .putParts(7, part)
        .setChild(part)
        .addChildren(part)
        .addChildren(Sample.getDefaultInstance())
        .setAt(at)
        .addTimes(at)
        .addTimes(Timestamp.getDefaultInstance())
        .setTook(Duration.newBuilder().setSeconds(-2).setNanos(-500_000_000))
        .setMask(FieldMask.newBuilder().addPaths("served_by").addPaths("child.big_number"))
        .setTextValue(StringValue.of("x"))
        .setBytesValue(BytesValue.of(ByteString.copyFromUtf8("x")))
        .setBoolValue(BoolValue.of(true))
        .setInt64Value(Int64Value.of(1L << 60))
        .setUint64Value(UInt64Value.of(-1))
        .setInt32Value(Int32Value.of(-1))
        .setUint32Value(UInt32Value.of(7))
        .setDoubleValue(DoubleValue.of(0.5))
        .setFloatValue(FloatValue.of(1.5f))
        .setStruct(
            Struct.newBuilder()
                .putFields("served_by", Value.newBuilder().setStringValue("kept").build()))
        .setByTime(at)
        .setNickName("")
        .build();
  }
}

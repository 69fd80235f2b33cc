// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** grpc-java with round_robin and a deadline. */
final class GrpcJavaLoad implements Load {

  private final ManagedChannel channel;
  private final boolean direct;
  private final MethodDescriptor<BytesValue, BytesValue> method =
      MethodDescriptor.<BytesValue, BytesValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(PATH.substring(1))
          .setRequestMarshaller(new Marshaller())
          .setResponseMarshaller(new Marshaller())
          .build();
  private final BytesValue payload = Load.payload();

  GrpcJavaLoad(int port, boolean direct) {
    this.direct = direct;
    ManagedChannelBuilder<?> builder =
        ManagedChannelBuilder.forTarget("dns:///127.0.0.1:" + port)
            .usePlaintext()
            .defaultLoadBalancingPolicy("round_robin");
    channel = (direct ? builder.directExecutor() : builder).build();
  }

  @Override
  public String options() {
    return "round_robin, deadline, " + (direct ? "directExecutor" : "default executor");
  }

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, options),
        payload,
        new StreamObserver<>() {
          private @Nullable BytesValue reply;

          @Override
          public void onNext(BytesValue value) {
            reply = value;
          }

          @Override
          public void onError(Throwable failure) {
            done.accept(failure);
          }

          @Override
          public void onCompleted() {
            Load.check(reply == null ? BytesValue.getDefaultInstance() : reply, done);
          }
        });
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Reads exactly what is there, so that grpc-java is not charged for a marshaller's buffers. */
  static final class Marshaller implements MethodDescriptor.Marshaller<BytesValue> {

    @Override
    public InputStream stream(BytesValue value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public BytesValue parse(InputStream stream) {
      try {
        if (!(stream instanceof KnownLength)) {
          return BytesValue.parseFrom(stream);
        }
        byte[] bytes = new byte[stream.available()];
        int read = 0;
        while (read < bytes.length) {
          int some = stream.read(bytes, read, bytes.length - read);
          if (some < 0) {
            throw new InvalidProtocolBufferException("cut after " + read + " bytes");
          }
          read += some;
        }
        return BytesValue.parseFrom(CodedInputStream.newInstance(bytes));
      } catch (IOException broken) {
        throw Status.INTERNAL.withCause(broken).asRuntimeException();
      }
    }
  }
}

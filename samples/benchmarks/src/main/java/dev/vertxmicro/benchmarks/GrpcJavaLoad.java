// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** grpc-java with round_robin and a deadline. */
final class GrpcJavaLoad implements Load {

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private int turn;
  private final MethodDescriptor<BytesValue, BytesValue> method =
      MethodDescriptor.<BytesValue, BytesValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(PATH.substring(1))
          .setRequestMarshaller(new Marshaller())
          .setResponseMarshaller(new Marshaller())
          .build();
  private final BytesValue payload;

  GrpcJavaLoad(Setup setup) {
    payload = Load.payload(setup.payloadBytes());
    for (int i = 0; i < setup.connections(); i++) {
      NettyChannelBuilder builder =
          NettyChannelBuilder.forTarget("dns:///127.0.0.1:" + setup.serverPort())
              .eventLoopGroup(loop)
              .channelType(NioSocketChannel.class)
              .defaultLoadBalancingPolicy("round_robin");
      if (setup.tls()) {
        builder.sslContext(trustAll());
      } else {
        builder.usePlaintext();
      }
      channels.add(builder.directExecutor().build());
    }
  }

  private static SslContext trustAll() {
    try {
      return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm("")
          .build();
    } catch (SSLException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Override
  public String options() {
    return "round_robin, deadline, directExecutor";
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /** With more than one connection, each in its turn. */
  private ManagedChannel next() {
    turn = turn + 1 < channels.size() ? turn + 1 : 0;
    return channels.get(turn);
  }

  @Override
  public void call(Consumer<@Nullable Throwable> done) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    ClientCalls.asyncUnaryCall(
        next().newCall(method, options),
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
            Load.check(reply == null ? BytesValue.getDefaultInstance() : reply, payload, done);
          }
        });
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loop.shutdownGracefully();
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

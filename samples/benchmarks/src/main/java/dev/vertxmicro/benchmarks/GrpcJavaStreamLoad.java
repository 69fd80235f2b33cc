// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import com.google.protobuf.BytesValue;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;

/** A stream of grpc-java, with callbacks on its event loop. */
final class GrpcJavaStreamLoad extends StreamLoad {

  private final ManagedChannel channel;
  private final StreamObserver<BytesValue> requests;

  GrpcJavaStreamLoad(int port, int bytes) {
    super(bytes);
    channel =
        ManagedChannelBuilder.forTarget("dns:///127.0.0.1:" + port)
            .usePlaintext()
            .directExecutor()
            .build();
    MethodDescriptor<BytesValue, BytesValue> method =
        MethodDescriptor.<BytesValue, BytesValue>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(STREAM_PATH.substring(1))
            .setRequestMarshaller(new GrpcJavaLoad.Marshaller())
            .setResponseMarshaller(new GrpcJavaLoad.Marshaller())
            .build();
    requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(BytesValue echo) {
                synchronizedEcho(echo);
              }

              @Override
              public void onError(Throwable failure) {
                failed(failure);
              }

              @Override
              public void onCompleted() {
                failed(new IllegalStateException("the server has ended the stream"));
              }
            });
  }

  /** The first messages are written by the program's thread, the others by the event loop. */
  private synchronized void synchronizedEcho(BytesValue echo) {
    echoed(echo);
  }

  @Override
  public String options() {
    return "directExecutor, no deadline";
  }

  @Override
  public synchronized void execute(Runnable task) {
    task.run();
  }

  @Override
  void write() {
    requests.onNext(message);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.benchmarks;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ChannelLogger;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.io.InputStream;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A load balancing policy of grpc-java, on connections that are always ready, told of calls as the
 * channel does.
 */
final class GrpcBalanced implements Balanced {

  private static final LoadBalancer.PickSubchannelArgs CALL = new Call();
  private static final ClientStreamTracer.StreamInfo STREAM =
      ClientStreamTracer.StreamInfo.newBuilder().build();

  private final SynchronizationContext context =
      new SynchronizationContext(
          (thread, failure) -> {
            throw new IllegalStateException(failure);
          });
  private LoadBalancer.@Nullable SubchannelPicker picker;

  GrpcBalanced(String policy, List<String> ids) {
    LoadBalancerProvider provider =
        Objects.requireNonNull(
            LoadBalancerRegistry.getDefaultRegistry().getProvider(policy), policy);
    LoadBalancer balancer = provider.newLoadBalancer(new Channel());
    List<EquivalentAddressGroup> addresses = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      addresses.add(new EquivalentAddressGroup(new Address(i)));
    }
    Object config =
        Objects.requireNonNull(provider.parseLoadBalancingPolicyConfig(Map.of()).getConfig());
    context.execute(
        () ->
            balancer.acceptResolvedAddresses(
                LoadBalancer.ResolvedAddresses.newBuilder()
                    .setAddresses(addresses)
                    .setLoadBalancingPolicyConfig(config)
                    .build()));
  }

  @Override
  public Taken take(@Nullable String key) {
    LoadBalancer.PickResult result = Objects.requireNonNull(picker, "picker").pickSubchannel(CALL);
    Connection connection = (Connection) Objects.requireNonNull(result.getSubchannel());
    ClientStreamTracer.Factory factory = result.getStreamTracerFactory();
    ClientStreamTracer tracer =
        factory == null ? null : factory.newClientStreamTracer(STREAM, new Metadata());
    if (tracer != null) {
      tracer.streamCreated(Attributes.EMPTY, new Metadata());
    }
    return new Taken() {
      @Override
      public int node() {
        return connection.index();
      }

      @Override
      public void end(boolean hasSucceeded) {
        if (tracer != null) {
          tracer.streamClosed(hasSucceeded ? Status.OK : Status.UNAVAILABLE);
        }
      }
    };
  }

  /** The part of a channel that policies see. */
  private final class Channel extends LoadBalancer.Helper {

    @Override
    public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
      return new Connection(args.getAddresses(), context);
    }

    @Override
    public void updateBalancingState(
        ConnectivityState state, LoadBalancer.SubchannelPicker newPicker) {
      picker = newPicker;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
      return context;
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup addresses, String authority) {
      throw new UnsupportedOperationException("createOobChannel");
    }

    @Override
    public String getAuthority() {
      return "simulated";
    }

    @Override
    public ChannelLogger getChannelLogger() {
      return Silence.INSTANCE;
    }
  }

  private static final class Connection extends LoadBalancer.Subchannel {

    private final List<EquivalentAddressGroup> addresses;
    private final SynchronizationContext context;
    private LoadBalancer.@Nullable SubchannelStateListener listener;

    Connection(List<EquivalentAddressGroup> addresses, SynchronizationContext context) {
      this.addresses = addresses;
      this.context = context;
    }

    int index() {
      return ((Address) addresses.get(0).getAddresses().get(0)).index;
    }

    @Override
    public void start(LoadBalancer.SubchannelStateListener listener) {
      this.listener = listener;
    }

    @Override
    public void requestConnection() {
      tell(ConnectivityState.CONNECTING);
      tell(ConnectivityState.READY);
    }

    private void tell(ConnectivityState state) {
      LoadBalancer.SubchannelStateListener listener = Objects.requireNonNull(this.listener);
      context.execute(() -> listener.onSubchannelState(ConnectivityStateInfo.forNonError(state)));
    }

    @Override
    public void shutdown() {}

    @Override
    public List<EquivalentAddressGroup> getAllAddresses() {
      return addresses;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }
  }

  private static final class Address extends SocketAddress {

    private static final long serialVersionUID = 1;

    private final int index;

    Address(int index) {
      this.index = index;
    }

    @Override
    public String toString() {
      return "node-" + index;
    }
  }

  /** A call of a method of no interest. */
  private static final class Call extends LoadBalancer.PickSubchannelArgs {

    private static final MethodDescriptor.Marshaller<InputStream> BYTES =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(InputStream value) {
            return value;
          }

          @Override
          public InputStream parse(InputStream stream) {
            return stream;
          }
        };

    private final Metadata headers = new Metadata();
    private final MethodDescriptor<InputStream, InputStream> method =
        MethodDescriptor.newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("simulated/Call")
            .build();

    @Override
    public CallOptions getCallOptions() {
      return CallOptions.DEFAULT;
    }

    @Override
    public Metadata getHeaders() {
      return headers;
    }

    @Override
    public MethodDescriptor<?, ?> getMethodDescriptor() {
      return method;
    }
  }

  private static final class Silence extends ChannelLogger {

    private static final Silence INSTANCE = new Silence();

    @Override
    public void log(ChannelLogLevel level, String message) {}

    @Override
    public void log(ChannelLogLevel level, String format, Object... args) {}
  }
}

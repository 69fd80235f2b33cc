// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import com.google.protobuf.Empty;
import dev.vertxmicro.crawler.wire.NodeSpec;
import dev.vertxmicro.crawler.wire.ResourceSpec;
import dev.vertxmicro.runtime.CallOption;
import dev.vertxmicro.runtime.server.ServerCall;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests to a master: itself if it leads, else by forwarding to the leader.
 *
 * <p>A request that was forwarded once is never forwarded again: the marker in its metadata says
 * so. A forward is one attempt, within the deadline of the request, and its failure is answered as
 * the leader gave it.
 */
final class MasterService implements CrawlerMasterService {

  /** The metadata that marks a forwarded request, with the name of the master that forwarded it. */
  static final String FORWARDED_BY = "Crawler-Forwarded-By";

  private static final int MOST_CHARACTERS = 256;

  private final ProcessOptions options;
  private final CrawlerMaster stub;
  private final JsonLog log;

  private String name = "";
  private @Nullable String leaderName;
  private @Nullable Leader leader;

  MasterService(ProcessOptions options, CrawlerMaster stub, JsonLog log) {
    this.options = options;
    this.stub = stub;
    this.log = log;
  }

  void setName(String name) {
    this.name = name;
  }

  /**
   * Notes who leads.
   *
   * @param leaderName null if nobody is known to
   * @param own what this master leads with, if it does
   */
  void follow(@Nullable String leaderName, @Nullable Leader own) {
    if (leader != null) {
      leader.end();
    }
    this.leaderName = leaderName;
    leader = own;
    if (own != null) {
      own.begin();
    }
  }

  void workersChanged() {
    if (leader != null) {
      leader.workersChanged();
    }
  }

  boolean leads() {
    return leader != null && leader.isReady();
  }

  /** Tells whether a request has a chance. */
  boolean isUseful() {
    return leader == null ? leaderName != null : leader.isReady();
  }

  @Nullable String leaderName() {
    return leaderName;
  }

  @Override
  public Future<NodeSpec> addResource(ResourceSpec request, ServerCall call) {
    received("CrawlerMaster.AddResource", request);
    return answer(
        request,
        call,
        leader -> leader.add(request.getName(), call.deadline()).map(MasterService::nodeSpec),
        to -> stub.addResource(request, to));
  }

  private static NodeSpec nodeSpec(Resource resource) {
    return NodeSpec.newBuilder()
        .setId(resource.nodeId())
        .setAddress(resource.nodeAddress())
        .build();
  }

  @Override
  public Future<Empty> deleteResource(ResourceSpec request, ServerCall call) {
    received("CrawlerMaster.DeleteResource", request);
    return answer(
        request,
        call,
        leader -> leader.delete(request.getName(), call.deadline()).map(Empty.getDefaultInstance()),
        to -> stub.deleteResource(request, to));
  }

  private void received(String method, ResourceSpec request) {
    log.info(
        "receive request",
        "method",
        method,
        "Service",
        options.service(),
        "request param:",
        new JsonObject(ProtoText.brief(request)));
  }

  private <R> Future<R> answer(
      ResourceSpec request,
      ServerCall call,
      Function<Leader, Future<R>> lead,
      Function<CallOption, Future<R>> forward) {
    String resource = request.getName();
    if (resource.isEmpty() || resource.length() > MOST_CHARACTERS) {
      return Future.failedFuture(
          Refusals.unfit("name: " + resource.length() + " characters (expected: 1 to 256)"));
    }
    Leader own = leader;
    if (own != null) {
      return lead.apply(own);
    }
    String forwardedBy = call.metadata().get(FORWARDED_BY);
    if (forwardedBy != null) {
      return Future.failedFuture(
          Refusals.unavailable("not the leader, though " + forwardedBy + " takes it for that"));
    }
    String known = leaderName;
    String address = known == null ? null : MasterName.address(known);
    if (address == null) {
      return Future.failedFuture(
          Refusals.unavailable(
              known == null ? "no leader is known" : "the leader has no address: " + known));
    }
    // tag::forward[]
    return forward.apply(
        CallOption.of(
            CallOption.address(address),
            CallOption.retries(0),
            CallOption.timeout(options.clientTimeout()),
            CallOption.metadata(FORWARDED_BY, name)));
    // end::forward[]
  }
}

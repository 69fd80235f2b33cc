// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.consul.HttpExchanges.Answer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Asks Consul's agents over their HTTP API. */
final class HttpAgent implements Agent {

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  /** Larger answers are read on a worker thread, not on the event loop. */
  private static final int QUICKLY_READ = 64 * 1024;

  /** With ACLs old agents say so with status 500, and nothing but the text tells. */
  private static final String UNKNOWN_SERVICE = "Unknown service";

  /** Says with status 401, and the text alone, that there are no ACLs. */
  private static final String NO_ACL = "ACL support disabled";

  private static final int MAX_TEXT = 200;

  private final Vertx vertx;
  private final HttpExchanges exchanges;
  private final ConsulOptions options;
  private final Complaints complaints;
  private final Duration longest;

  HttpAgent(Vertx vertx, HttpExchanges exchanges, ConsulOptions options, Complaints complaints) {
    this.vertx = vertx;
    this.exchanges = exchanges;
    this.options = options;
    this.complaints = complaints;
    Duration wait = options.getWait();
    // Consul adds up to a sixteenth to the wait, so that not all queries end at the same time.
    this.longest = wait.plus(wait.dividedBy(16)).plus(options.getTimeout());
  }

  @Override
  public Future<Health> health(String service) {
    return get(healthOf(service) + parameters(stale()))
        .compose(answer -> health(service, answer))
        .compose(
            health ->
                health.entries().isEmpty() && !health.led()
                    ? Future.failedFuture(
                        RpcException.client(
                                GrpcStatus.UNAVAILABLE,
                                "consul service " + service + ": the servers have no leader")
                            .processed(Processed.YES)
                            .build())
                    : Future.succeededFuture(health));
  }

  @Override
  public Query health(String service, long index) {
    String wait = "&wait=" + options.getWait().toMillis() + "ms";
    String atOnce = healthOf(service) + parameters("");
    String uri = index > 0 ? healthOf(service) + parameters("index=" + index + wait) : atOnce;
    HttpExchanges.Exchange exchange = exchanges.query(uri, atOnce, longest);
    Future<Health> answer =
        exchange
            .answer()
            .compose(got -> expectOk(got, "GET", uri))
            .compose(got -> health(service, got));
    return new Query() {
      @Override
      public Future<Health> answer() {
        return answer;
      }

      @Override
      public void cancel() {
        exchange.cancel();
      }
    };
  }

  private String healthOf(String service) {
    return "/v1/health/" + (options.isConnect() ? "connect/" : "service/") + encode(service);
  }

  private Future<Health> health(String service, Answer answer) {
    HealthReader reader = new HealthReader(service, complaints, 4L * options.getMaxAnswerBytes());
    if (answer.body().length() > QUICKLY_READ) {
      return vertx.executeBlocking(
          () -> reader.read(answer.index(), answer.led(), answer.body()), false);
    }
    try {
      return Future.succeededFuture(reader.read(answer.index(), answer.led(), answer.body()));
    } catch (RpcException malformed) {
      return Future.failedFuture(malformed);
    }
  }

  @Override
  public Future<List<String>> services() {
    return get("/v1/catalog/services" + parameters(stale()))
        .map(answer -> List.copyOf(new TreeSet<>(object(answer).fieldNames())));
  }

  @Override
  public Future<Set<String>> servers() {
    return get("/v1/catalog/service/consul" + parameters("")).map(HttpAgent::marks);
  }

  private static Set<String> marks(Answer answer) {
    Set<String> marks = new HashSet<>();
    for (Object server : array(answer)) {
      if (server instanceof JsonObject entry && entry.getValue("CreateIndex") != null) {
        marks.add(entry.getValue("ID") + " " + entry.getValue("CreateIndex"));
      }
    }
    return marks;
  }

  /** By the question that Consul's own user interface asks ({@code /v1/internal/acl/authorize}). */
  @Override
  public Future<Boolean> mayRead(String service, Collection<String> machines) {
    JsonArray questions = new JsonArray().add(question("service", service));
    machines.forEach(machine -> questions.add(question("node", machine)));
    String uri = "/v1/internal/acl/authorize" + parameters("");
    return exchanges
        .read(HttpMethod.POST, uri, questions.toBuffer(), options.getTimeout())
        .compose(
            answer -> {
              boolean noAcl = answer.status() == UNAUTHORIZED && text(answer).contains(NO_ACL);
              return noAcl
                  ? Future.succeededFuture(true)
                  : expectOk(answer, "POST", uri).map(HttpAgent::allAllowed);
            });
  }

  private static JsonObject question(String resource, String name) {
    return new JsonObject().put("Resource", resource).put("Access", "read").put("Segment", name);
  }

  private static boolean allAllowed(Answer answer) {
    JsonArray verdicts = array(answer);
    return !verdicts.isEmpty()
        && verdicts.stream()
            .allMatch(
                verdict ->
                    verdict instanceof JsonObject one
                        && Boolean.TRUE.equals(one.getValue("Allow")));
  }

  @Override
  public Future<String> register(JsonObject definition) {
    return put("/v1/agent/service/register", definition.toBuffer()).map(Answer::agent);
  }

  @Override
  public Future<Void> pass(String id) {
    return put("/v1/agent/check/pass/service:" + encode(id), Buffer.buffer()).mapEmpty();
  }

  @Override
  public Future<Boolean> knows(String id) {
    String uri = "/v1/agent/service/" + encode(id);
    return exchanges
        .send(HttpMethod.GET, uri, null, options.getTimeout())
        .compose(
            answer ->
                answer.status() == NOT_FOUND
                    ? Future.succeededFuture(false)
                    : expectOk(answer, "GET", uri).map(true));
  }

  @Override
  public Future<Void> deregister(String agent, String id) {
    String uri = "/v1/agent/service/deregister/" + encode(id);
    return exchanges
        .sendTo(
            ConsulAddress.parse(agent), HttpMethod.PUT, uri, Buffer.buffer(), options.getTimeout())
        .compose(
            answer ->
                answer.status() == NOT_FOUND || text(answer).startsWith(UNKNOWN_SERVICE)
                    ? Future.succeededFuture()
                    : expectOk(answer, "PUT", uri).mapEmpty());
  }

  private Future<Answer> get(String uri) {
    return exchanges
        .read(HttpMethod.GET, uri, null, options.getTimeout())
        .compose(answer -> expectOk(answer, "GET", uri));
  }

  private Future<Answer> put(String uri, Buffer body) {
    return exchanges
        .send(HttpMethod.PUT, uri, body, options.getTimeout())
        .compose(answer -> expectOk(answer, "PUT", uri));
  }

  private static Future<Answer> expectOk(Answer answer, String method, String uri) {
    if (answer.status() == OK) {
      return Future.succeededFuture(answer);
    }
    GrpcStatus status =
        switch (answer.status()) {
          case 400 -> GrpcStatus.INVALID_ARGUMENT;
          case UNAUTHORIZED, FORBIDDEN -> GrpcStatus.PERMISSION_DENIED;
          case NOT_FOUND -> GrpcStatus.NOT_FOUND;
          default -> GrpcStatus.UNAVAILABLE;
        };
    return Future.failedFuture(
        RpcException.client(
                status,
                "consul "
                    + answer.agent()
                    + ": "
                    + method
                    + " "
                    + uri
                    + ": "
                    + answer.status()
                    + " "
                    + text(answer))
            .processed(Processed.YES)
            .build());
  }

  /** Returns what Consul says of a failure, which is a line of text without secrets. */
  private static String text(Answer answer) {
    String text = answer.body().getString(0, Math.min(MAX_TEXT, answer.body().length()));
    return text.strip().replaceAll("\\p{Cntrl}", " ");
  }

  private String stale() {
    return options.isStale() ? "stale" : "";
  }

  /** Returns the query of something that is read, with one part more unless that is empty. */
  private String parameters(String more) {
    String datacenter = options.getDatacenter();
    String dc = datacenter == null ? "" : "dc=" + encode(datacenter);
    String and = more.isEmpty() || dc.isEmpty() ? "" : "&";
    String all = more + and + dc;
    return all.isEmpty() ? "" : "?" + all;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static JsonObject object(Answer answer) {
    try {
      return answer.body().toJsonObject();
    } catch (DecodeException | ClassCastException malformed) {
      throw malformed(answer, "an object");
    }
  }

  private static JsonArray array(Answer answer) {
    try {
      return answer.body().toJsonArray();
    } catch (DecodeException | ClassCastException malformed) {
      throw malformed(answer, "an array");
    }
  }

  private static RpcException malformed(Answer answer, String expected) {
    return RpcException.client(
            GrpcStatus.INTERNAL,
            "consul " + answer.agent() + ": unreadable answer (expected: " + expected + ")")
        .processed(Processed.YES)
        .build();
  }

  @Override
  public void close() {
    exchanges.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.Processed;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.Node;
import dev.vertxmicro.registry.NodeFault;
import dev.vertxmicro.registry.consul.Health.Entry;
import dev.vertxmicro.registry.consul.Health.State;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer of {@code /v1/health/service/<name>} as a stream: a tree of it would cost ten
 * times the bytes. Fields of no use and fields of a wrong type are passed over; an entry that names
 * no node to call is left out with a complaint, and the rest is served. What is no such answer
 * fails with code 500. Used once.
 */
final class HealthReader {

  /** The most tags of one node that are looked at. */
  static final int MAX_TAGS = 4_096;

  private static final JsonFactory FACTORY = new JsonFactory();

  private final String service;
  private final String where;
  private final Complaints complaints;
  private final ConsulTagReader tagReader;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, List<Endpoint>> endpoints = new HashMap<>();

  // Of the entry that is being read.
  private String machine = "";
  private String machineId = "";
  private String machineAddress = "";
  private String id = "";
  private String name = "";
  private String address = "";
  private long port;
  private long createIndex;
  private final List<String> tags = new ArrayList<>();
  private State state = State.UP;

  /**
   * Makes a reader.
   *
   * @param maxInflated how many bytes all tags may inflate to
   */
  HealthReader(String service, Complaints complaints, long maxInflated) {
    this.service = service;
    this.where = "consul service " + service;
    this.complaints = complaints;
    this.tagReader = new ConsulTagReader(complaints, maxInflated);
  }

  /**
   * Reads the answer.
   *
   * @throws RpcException if it is none
   */
  Health read(long index, boolean led, Buffer body) {
    try (JsonParser json = FACTORY.createParser(body.getBytes())) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.VALUE_NULL) {
        if (first != JsonToken.START_ARRAY) {
          throw malformed("starts with " + first, null);
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
          if (json.currentToken() == JsonToken.START_OBJECT) {
            entry(json);
          } else {
            complaints.about(where, "an entry that is no object is left out");
            json.skipChildren();
          }
        }
      }
    } catch (IOException cut) {
      throw malformed(cut.getClass().getSimpleName(), cut);
    }
    return Health.of(index, led, entries, endpoints, where, complaints);
  }

  private RpcException malformed(String what, @Nullable Throwable cause) {
    RpcException.Builder builder =
        RpcException.client(
                GrpcStatus.INTERNAL, where + ": the answer " + what + " (expected: entries)")
            .processed(Processed.YES);
    return cause == null ? builder.build() : builder.cause(cause).build();
  }

  private void entry(JsonParser json) throws IOException {
    machine = "";
    machineId = "";
    machineAddress = "";
    id = "";
    name = "";
    address = "";
    port = 0;
    createIndex = 0;
    tags.clear();
    state = State.UP;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("Node") && value == JsonToken.START_OBJECT) {
        machine(json);
      } else if (field.equals("Service") && value == JsonToken.START_OBJECT) {
        service(json);
      } else if (field.equals("Checks") && value == JsonToken.START_ARRAY) {
        checks(json);
      } else {
        json.skipChildren();
      }
    }
    add();
  }

  private void machine(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "ID" -> machineId = text(json);
        case "Node" -> machine = text(json);
        case "Address" -> machineAddress = text(json);
        default -> json.skipChildren();
      }
    }
  }

  private void service(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "ID" -> id = text(json);
        case "Service" -> name = text(json);
        case "Address" -> address = text(json);
        case "Port" -> port = whole(json);
        case "CreateIndex" -> createIndex = whole(json);
        case "Tags" -> tags(json);
        default -> json.skipChildren();
      }
    }
  }

  private void tags(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        json.skipChildren();
      } else if (tags.size() < MAX_TAGS) {
        tags.add(json.getText());
      } else {
        complaints.about(where, "more than " + MAX_TAGS + " tags; the others are left out");
      }
    }
  }

  private void checks(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      String status = "";
      String output = "";
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "Status" -> status = text(json);
          case "Output" -> output = text(json);
          default -> json.skipChildren();
        }
      }
      if (status.equals("critical")) {
        State said = output.isEmpty() ? State.UNKNOWN : State.DOWN;
        state = said.compareTo(state) > 0 ? said : state;
      }
    }
  }

  private static String text(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    json.skipChildren();
    return "";
  }

  private static long whole(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return json.getLongValue();
    }
    json.skipChildren();
    return 0;
  }

  private void add() {
    if (!name.equals(service)) {
      // Behind Connect's look-up there may be proxies with names of their own, as in go-micro.
      return;
    }
    String nodeAddress = NodeAddress.join(address.isEmpty() ? machineAddress : address, port);
    Optional<String> fault = NodeFault.find(id, nodeAddress);
    if (fault.isPresent()) {
      complaints.about(where, fault.get() + "; it is left out");
      return;
    }
    String at = where + ", node " + id;
    String version = tagReader.version(tags, at);
    if (!endpoints.containsKey(version)) {
      endpoints.put(version, tagReader.endpoints(tags, at));
    }
    Node node = Node.builder(id, nodeAddress).metadata(tagReader.metadata(tags, at)).build();
    String mark = createIndex == 0 ? "" : machineId + " " + id + " " + createIndex;
    entries.add(new Entry(state, machine, mark, version, node));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes services, endpoints and metadata as go-micro's registries hold them ({@code
 * registry/registry.go}):
 *
 * <pre>
 * Service  {"name", "version", "metadata": {}, "endpoints": [], "nodes": []}
 * Node     {"id", "address", "metadata": {}}
 * Endpoint {"name", "request": Value, "response": Value, "metadata": {}}
 * Value    {"name", "type", "values": []}
 * </pre>
 *
 * <p>Reading is tolerant, since others write what is read: names of fields in any case, as in Go;
 * null or absent is empty; unknown fields are passed over; a node without id or address, with a bad
 * port or a known id, an endpoint without a name, and values of a wrong type or size are left out,
 * each with one {@link Complaints complaint}, and the rest is served. What is not JSON, ends too
 * early, exceeds {@link #MAX_BYTES} or {@value #MAX_DEPTH} levels, or is a service without a name
 * fails with a {@link CodecException} that says where and what.
 *
 * <p>Bounded by the input: O(bytes) time and memory, and at most {@value #MAX_METADATA} entries of
 * metadata each, {@value #MAX_ENDPOINTS} endpoints and {@value #MAX_VALUES} described fields of a
 * service; what exceeds that is left out.
 */
public final class ServiceJson {

  /** The most bytes of one service, endpoint or set of metadata: 1 MiB. */
  public static final int MAX_BYTES = 1 << 20;

  /** The most levels of objects and arrays. */
  public static final int MAX_DEPTH = 64;

  /** The most characters of a name, a version or a key. */
  public static final int MAX_NAME = 1_024;

  /** The most characters of a value in metadata. */
  public static final int MAX_METADATA_VALUE = 65_536;

  /** The most entries of metadata of one node, endpoint or service. */
  public static final int MAX_METADATA = 256;

  /** The most endpoints of one service. */
  public static final int MAX_ENDPOINTS = 1_000;

  /** The most fields that the endpoints of one service describe. */
  public static final int MAX_VALUES = 10_000;

  private ServiceJson() {}

  /**
   * Reads one version of a service with the nodes that it names.
   *
   * @param json UTF-8
   * @param where what is read, for complaints and failures: a key, a file
   * @throws CodecException if it is no service
   */
  public static Service read(Buffer json, String where, Complaints complaints) {
    return ServiceJsonReader.read(json, where, complaints, ServiceJsonReader::service);
  }

  /**
   * Reads one endpoint.
   *
   * @param json UTF-8
   * @param where what is read, for complaints and failures
   * @throws CodecException if it is no endpoint, or one without a name
   */
  public static Endpoint readEndpoint(Buffer json, String where, Complaints complaints) {
    return ServiceJsonReader.read(
        json,
        where,
        complaints,
        reader -> {
          Endpoint endpoint = reader.endpoint();
          if (endpoint == null) {
            throw new CodecException(where + ": no endpoint (expected: one with a name)", null);
          }
          return endpoint;
        });
  }

  /**
   * Reads metadata: an object of strings.
   *
   * @param json UTF-8
   * @param where what is read, for complaints and failures
   * @throws CodecException if it is no object
   */
  public static Map<String, String> readMetadata(Buffer json, String where, Complaints complaints) {
    return ServiceJsonReader.read(
        json, where, complaints, reader -> reader.requiredMetadata("metadata"));
  }

  /**
   * Writes a service with its nodes.
   *
   * @throws CodecException if it exceeds what {@link #read} takes in bytes
   */
  public static Buffer write(Service service) {
    return write("service " + service.name(), generator -> service(generator, service));
  }

  /**
   * Writes an endpoint.
   *
   * @throws CodecException if it exceeds what {@link #readEndpoint} takes in bytes
   */
  public static Buffer write(Endpoint endpoint) {
    return write("endpoint " + endpoint.name(), generator -> endpoint(generator, endpoint));
  }

  /**
   * Writes metadata.
   *
   * @throws CodecException if it exceeds what {@link #readMetadata} takes in bytes
   */
  public static Buffer write(Map<String, String> metadata) {
    return write("metadata", generator -> metadata(generator, metadata));
  }

  private static Buffer write(String what, Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = ServiceJsonReader.FACTORY.createGenerator(bytes)) {
      writer.write(generator);
    } catch (IOException unfit) {
      throw new CodecException(what + ": cannot be written as JSON", unfit);
    }
    if (bytes.size() > MAX_BYTES) {
      throw new CodecException(
          what + ": " + bytes.size() + " bytes (expected: at most " + MAX_BYTES + ")", null);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  /** Writes a service where the generator stands. */
  static void service(JsonGenerator generator, Service service) throws IOException {
    generator.writeStartObject();
    generator.writeStringField("name", service.name());
    generator.writeStringField("version", service.version());
    generator.writeFieldName("metadata");
    metadata(generator, service.metadata());
    generator.writeArrayFieldStart("endpoints");
    for (Endpoint endpoint : service.endpoints()) {
      endpoint(generator, endpoint);
    }
    generator.writeEndArray();
    generator.writeArrayFieldStart("nodes");
    for (Node node : service.nodes()) {
      generator.writeStartObject();
      generator.writeStringField("id", node.id());
      generator.writeStringField("address", node.address());
      generator.writeFieldName("metadata");
      metadata(generator, node.metadata());
      generator.writeEndObject();
    }
    generator.writeEndArray();
    generator.writeEndObject();
  }

  private static void endpoint(JsonGenerator generator, Endpoint endpoint) throws IOException {
    generator.writeStartObject();
    generator.writeStringField("name", endpoint.name());
    generator.writeFieldName("request");
    value(generator, endpoint.request());
    generator.writeFieldName("response");
    value(generator, endpoint.response());
    generator.writeFieldName("metadata");
    metadata(generator, endpoint.metadata());
    generator.writeEndObject();
  }

  private static void value(JsonGenerator generator, @Nullable Value value) throws IOException {
    if (value == null) {
      generator.writeNull();
      return;
    }
    generator.writeStartObject();
    generator.writeStringField("name", value.name());
    generator.writeStringField("type", value.type());
    List<Value> fields = value.values();
    generator.writeArrayFieldStart("values");
    for (Value field : fields) {
      value(generator, field);
    }
    generator.writeEndArray();
    generator.writeEndObject();
  }

  private static void metadata(JsonGenerator generator, Map<String, String> metadata)
      throws IOException {
    generator.writeStartObject();
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      generator.writeStringField(entry.getKey(), entry.getValue());
    }
    generator.writeEndObject();
  }

  private interface Writer {
    void write(JsonGenerator generator) throws IOException;
  }
}

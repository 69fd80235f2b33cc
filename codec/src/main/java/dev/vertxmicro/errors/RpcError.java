// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The error of go-micro as it crosses the wire ({@code errors/errors.go}).
 *
 * @param id who made the error, for example {@code go.micro.client}; empty if unknown
 * @param code an HTTP-like code; 0 means that nobody gave one
 * @param detail what happened, for a person
 * @param status the reason phrase of {@code code}; empty if there is none
 */
public record RpcError(String id, int code, String detail, String status) implements Serializable {

  /** The id of errors that this runtime makes itself, as go-micro's client does. */
  public static final String CLIENT_ID = "go.micro.client";

  /** The code of an error that this runtime makes when the caller cancels. */
  public static final int CANCELLED_CODE = 499;

  private static final RpcError EMPTY = new RpcError("", 0, "", "");

  private static final Set<String> FIELDS = Set.of("id", "code", "detail", "status");

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** Checks that no part is null. */
  public RpcError {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(detail, "detail");
    Objects.requireNonNull(status, "status");
  }

  /** Returns the error of {@code code} with the reason phrase that belongs to it. */
  public static RpcError of(String id, int code, String detail) {
    return new RpcError(id, code, detail, reason(code));
  }

  /**
   * Returns the error of a gRPC call that failed, from the best of what its trailers say:
   *
   * <ol>
   *   <li>an {@code errors.Error} in the status details ({@link StatusDetails}); if it has no code,
   *       the code comes from {@code status};
   *   <li>the message, if it is the JSON of an error whose code is above 0;
   *   <li>else {@link #CLIENT_ID}, the code of {@code status} and the message as it is.
   * </ol>
   *
   * <p>Go-micro's client reads them in the same order ({@code client/grpc/error.go}), but fails on
   * details of other types; here they are passed over. Never throws on what a peer can send.
   *
   * @param status the {@code grpc-status}
   * @param message the {@code grpc-message}, percent-decoded; empty if there was none
   * @param details the bytes of {@code grpc-status-details-bin}, or null; reading them needs
   *     protobuf-java, as every gRPC transport does
   * @throws IllegalArgumentException if {@code status} is {@code OK}
   */
  public static RpcError fromGrpc(GrpcStatus status, String message, byte @Nullable [] details) {
    if (status == GrpcStatus.OK) {
      throw new IllegalArgumentException("status: OK (expected: the status of a failure)");
    }
    RpcError detailed = details == null ? null : StatusDetails.find(details);
    if (detailed != null) {
      return detailed.code > 0
          ? detailed
          : of(detailed.id, status.microCode(), detailed.detail).withStatus(detailed.status);
    }
    RpcError parsed = parse(message);
    return parsed.code > 0 ? parsed : of(CLIENT_ID, status.microCode(), message);
  }

  private RpcError withStatus(String status) {
    return status.isEmpty() ? this : new RpcError(id, code, detail, status);
  }

  /**
   * Reads an error from text as go-micro's {@code errors.Parse} does: a JSON object gives its
   * fields (names in any case, unknown ones ignored), {@code null} and empty text give an empty
   * error, everything else (other JSON, fields of a wrong type, no JSON) becomes the detail of an
   * error with code 0. Never throws.
   */
  public static RpcError parse(String text) {
    if (text.isBlank()) {
      return text.isEmpty() ? EMPTY : plain(text);
    }
    char first = text.stripLeading().charAt(0);
    if (first != '{' && first != 'n') {
      // Most servers send plain text: spares the parser's exception.
      return plain(text);
    }
    try {
      JsonNode json = JSON.readTree(text);
      if (json.isNull()) {
        return EMPTY;
      }
      return json instanceof ObjectNode object ? fromJson(object, text) : plain(text);
    } catch (JsonProcessingException notJson) {
      return plain(text);
    }
  }

  private static RpcError plain(String text) {
    return new RpcError("", 0, text, "");
  }

  private static RpcError fromJson(ObjectNode json, String text) {
    String id = "";
    int code = 0;
    String detail = "";
    String status = "";
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      JsonNode value = field.getValue();
      if (value.isNull() || !FIELDS.contains(name)) {
        continue;
      }
      boolean fits =
          name.equals("code")
              ? value.isIntegralNumber() && value.canConvertToInt()
              : value.isTextual();
      if (!fits) {
        return plain(text);
      }
      switch (name) {
        case "id" -> id = value.textValue();
        case "code" -> code = value.intValue();
        case "detail" -> detail = value.textValue();
        default -> status = value.textValue();
      }
    }
    return new RpcError(id, code, detail, status);
  }

  /** Returns the JSON that go-micro sends: empty and zero fields are left out. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode();
    if (!id.isEmpty()) {
      json.put("id", id);
    }
    if (code != 0) {
      json.put("code", code);
    }
    if (!detail.isEmpty()) {
      json.put("detail", detail);
    }
    if (!status.isEmpty()) {
      json.put("status", status);
    }
    return json.toString();
  }

  /** Returns the reason phrase of an HTTP-like code as Go spells it; empty for unknown codes. */
  public static String reason(int code) {
    return switch (code) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 407 -> "Proxy Authentication Required";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 411 -> "Length Required";
      case 412 -> "Precondition Failed";
      case 413 -> "Request Entity Too Large";
      case 414 -> "Request URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 416 -> "Requested Range Not Satisfiable";
      case 417 -> "Expectation Failed";
      case 418 -> "I'm a teapot";
      case 421 -> "Misdirected Request";
      case 422 -> "Unprocessable Entity";
      case 423 -> "Locked";
      case 424 -> "Failed Dependency";
      case 425 -> "Too Early";
      case 426 -> "Upgrade Required";
      case 428 -> "Precondition Required";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 451 -> "Unavailable For Legal Reasons";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      case 506 -> "Variant Also Negotiates";
      case 507 -> "Insufficient Storage";
      case 508 -> "Loop Detected";
      case 510 -> "Not Extended";
      case 511 -> "Network Authentication Required";
      default -> "";
    };
  }
}

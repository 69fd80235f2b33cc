// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The error of go-micro as it crosses the wire ({@code errors/errors.go}).
 *
 * @param id who made the error, for example {@code go.micro.client}; empty if unknown
 * @param code an HTTP-like code; 0 means that nobody gave one
 * @param detail what happened, for a person
 * @param status the reason phrase of {@code code}; empty if there is none
 */
public record RpcError(String id, int code, String detail, String status) {

  /** The id of errors that this runtime makes itself, as go-micro's client does. */
  public static final String CLIENT_ID = "go.micro.client";

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Returns the error of {@code code} with the reason phrase that belongs to it. */
  public static RpcError of(String id, int code, String detail) {
    return new RpcError(id, code, detail, reason(code));
  }

  /**
   * Reads an error from text as go-micro's {@code errors.Parse} does: a JSON object gives its
   * fields, {@code null} and empty text give an empty error, everything else (other JSON, fields of
   * a wrong type, no JSON) becomes the detail of an error with code 0. Never throws.
   */
  public static RpcError parse(String text) {
    RpcError plain = new RpcError("", 0, text, "");
    if (text.isEmpty()) {
      return plain;
    }
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException notJson) {
      return plain;
    }
    if (json == null || json.isNull()) {
      return new RpcError("", 0, "", "");
    }
    if (!json.isObject()
        || !isTextOrAbsent(json, "id")
        || !isTextOrAbsent(json, "detail")
        || !isTextOrAbsent(json, "status")
        || !isIntOrAbsent(json, "code")) {
      return plain;
    }
    return new RpcError(
        json.path("id").asText(""),
        json.path("code").asInt(0),
        json.path("detail").asText(""),
        json.path("status").asText(""));
  }

  private static boolean isTextOrAbsent(JsonNode json, String field) {
    JsonNode value = json.get(field);
    return value == null || value.isNull() || value.isTextual();
  }

  private static boolean isIntOrAbsent(JsonNode json, String field) {
    JsonNode value = json.get(field);
    return value == null || value.isNull() || (value.isIntegralNumber() && value.canConvertToInt());
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

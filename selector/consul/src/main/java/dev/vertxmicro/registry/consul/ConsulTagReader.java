// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.consul;

import static dev.vertxmicro.registry.consul.ConsulTags.ENDPOINT;
import static dev.vertxmicro.registry.consul.ConsulTags.HEX;
import static dev.vertxmicro.registry.consul.ConsulTags.METADATA;
import static dev.vertxmicro.registry.consul.ConsulTags.PLAIN;
import static dev.vertxmicro.registry.consul.ConsulTags.VERSION;

import dev.vertxmicro.codec.CodecException;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.Complaints;
import dev.vertxmicro.registry.Endpoint;
import dev.vertxmicro.registry.ServiceJson;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tags of one answer of Consul; see {@link ConsulTags} for their form.
 *
 * <p>As in go-micro, the first form met fixes it for its letter, hex or plain, and tags of the
 * other form are passed over. Tags of others may stand anywhere: what merely begins like one of
 * ours, {@code t-shirt} say, is no tag of ours and fixes nothing. (go-micro's reader fixes the form
 * by any tag with that letter, and a tag of that letter alone ends its process.) What looks like
 * ours and cannot be read is left out with a complaint.
 *
 * <p>Bounded: a tag inflates to at most {@link ServiceJson#MAX_BYTES}, all different tags of one
 * answer to at most what the constructor is told, and a tag that repeats is read once, so that
 * nodes share what they have in common. Not thread-safe.
 */
final class ConsulTagReader {

  private final Complaints complaints;
  private final long most;
  private final Map<String, Optional<Map<String, String>>> metadata = new HashMap<>();
  private final Map<String, Optional<String>> versions = new HashMap<>();
  private long left;

  /**
   * Makes a reader.
   *
   * @param most how many bytes all tags together may inflate to
   */
  ConsulTagReader(Complaints complaints, long most) {
    this.complaints = complaints;
    this.most = most;
    this.left = most;
  }

  /**
   * Returns the version; empty if no tag names one.
   *
   * @throws RpcException if the tags inflate to more than may be
   */
  String version(List<String> tags, String where) {
    for (String tag : tags) {
      if (looksLike(tag, VERSION, HEX) || looksLike(tag, VERSION, PLAIN)) {
        Optional<String> version = versions.get(tag);
        if (version == null) {
          version = readVersion(tag, where);
          versions.put(tag, version);
        }
        if (version.isPresent()) {
          return version.get();
        }
      }
    }
    return "";
  }

  private Optional<String> readVersion(String tag, String where) {
    Buffer content = content(tag, where);
    if (content == null) {
      return Optional.empty();
    }
    String version = content.toString(StandardCharsets.UTF_8);
    if (version.length() > ServiceJson.MAX_NAME) {
      complaints.about(
          where,
          "version of "
              + version.length()
              + " characters is left out (expected: at most "
              + ServiceJson.MAX_NAME
              + ")");
      return Optional.empty();
    }
    return Optional.of(version);
  }

  /**
   * Returns the metadata of a node; later entries win.
   *
   * @throws RpcException if the tags inflate to more than may be
   */
  Map<String, String> metadata(List<String> tags, String where) {
    Map<String, String> all = new LinkedHashMap<>();
    char form = 0;
    for (String tag : tags) {
      if (!looksLike(tag, METADATA, form)) {
        continue;
      }
      Optional<Map<String, String>> entries = metadata.get(tag);
      if (entries == null) {
        entries = readMetadata(tag, where);
        metadata.put(tag, entries);
      }
      if (entries.isPresent()) {
        form = tag.charAt(1);
        add(entries.get(), all, where);
      }
    }
    return all;
  }

  private void add(Map<String, String> entries, Map<String, String> all, String where) {
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      if (all.size() >= ServiceJson.MAX_METADATA && !all.containsKey(entry.getKey())) {
        complaints.about(
            where,
            "more than "
                + ServiceJson.MAX_METADATA
                + " entries of metadata; the others are left out");
        return;
      }
      all.put(entry.getKey(), entry.getValue());
    }
  }

  private Optional<Map<String, String>> readMetadata(String tag, String where) {
    Buffer content = content(tag, where);
    if (content != null) {
      try {
        return Optional.of(ServiceJson.readMetadata(content, where, complaints));
      } catch (CodecException malformed) {
        complaints.about(where, "tag of metadata is left out: " + malformed.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the endpoints.
   *
   * @throws RpcException if the tags inflate to more than may be
   */
  List<Endpoint> endpoints(List<String> tags, String where) {
    List<Endpoint> endpoints = new ArrayList<>();
    char form = 0;
    for (String tag : tags) {
      if (!looksLike(tag, ENDPOINT, form)) {
        continue;
      }
      Buffer content = content(tag, where);
      if (content == null) {
        continue;
      }
      if (endpoints.size() == ServiceJson.MAX_ENDPOINTS) {
        complaints.about(
            where,
            "more than " + ServiceJson.MAX_ENDPOINTS + " endpoints; the others are left out");
        break;
      }
      try {
        endpoints.add(ServiceJson.readEndpoint(content, where, complaints));
        form = tag.charAt(1);
      } catch (CodecException malformed) {
        complaints.about(where, "tag of an endpoint is left out: " + malformed.getMessage());
      }
    }
    return endpoints;
  }

  /** Tells whether a tag may be one of ours with that letter; of either form if it is 0. */
  private static boolean looksLike(String tag, char letter, char form) {
    if (tag.length() < 2 || tag.charAt(0) != letter) {
      return false;
    }
    char second = tag.charAt(1);
    if (form != 0 ? second != form : second != HEX && second != PLAIN) {
      return false;
    }
    if (second == PLAIN) {
      return letter == VERSION || tag.startsWith("{", 2);
    }
    return isHex(tag);
  }

  private static boolean isHex(String tag) {
    if (tag.length() == 2 || tag.length() % 2 != 0) {
      return false;
    }
    for (int i = 2; i < tag.length(); i++) {
      if (!HexFormat.isHexDigit(tag.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Buffer content(String tag, String where) {
    if (tag.charAt(1) == PLAIN) {
      return Buffer.buffer(tag.substring(2));
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(HexFormat.of().parseHex(tag, 2, tag.length()));
      return inflate(inflater);
    } catch (DataFormatException malformed) {
      complaints.about(where, "tag " + tag.charAt(0) + "- is left out: " + malformed.getMessage());
      return null;
    } finally {
      inflater.end();
    }
  }

  private Buffer inflate(Inflater inflater) throws DataFormatException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] part = new byte[1_024];
    while (!inflater.finished()) {
      int length = inflater.inflate(part);
      if (length == 0 && !inflater.finished()) {
        throw new DataFormatException("not zlib, or cut off");
      }
      left -= length;
      if (left < 0) {
        throw RpcException.client(
                GrpcStatus.RESOURCE_EXHAUSTED,
                "consul: the tags of the answer inflate to more than " + most + " bytes")
            .build();
      }
      if (out.size() + length > ServiceJson.MAX_BYTES) {
        throw new DataFormatException("more than " + ServiceJson.MAX_BYTES + " bytes inflated");
      }
      out.write(part, 0, length);
    }
    return Buffer.buffer(out.toByteArray());
  }
}

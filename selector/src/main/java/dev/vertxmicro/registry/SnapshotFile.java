// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last known nodes of services as a file:
 *
 * <pre>
 * {"format": "vertx-micro registry snapshot", "version": 1,
 *  "services": [{"confirmedAt": milliseconds since the epoch, "versions": [Service]}]}
 * </pre>
 *
 * <p>Each {@code Service} is go-micro's JSON, see {@link ServiceJson}. A file is written beside its
 * place and moved there, so that whoever reads sees the old one or the new one, whole, and several
 * processes may write it: the last one wins. It is for its owner alone (mode 600), as metadata of
 * nodes may hold what is not for everybody; and one that everybody may write is not believed, as it
 * would tell this process whom to call. Blocks: called on a worker.
 */
final class SnapshotFile {

  /** The most bytes of a file: 16 MiB, about 100,000 nodes. */
  static final int MAX_BYTES = 16 << 20;

  private static final String FORMAT = "vertx-micro registry snapshot";
  private static final int VERSION = 1;
  private static final long LEFT_BEHIND_MILLIS = 3_600_000;
  private static final int MOST_LEFT_BEHIND = 100;

  private final Path path;
  private final Complaints complaints;

  SnapshotFile(Path path, Complaints complaints) {
    this.path = path.toAbsolutePath();
    this.complaints = complaints;
  }

  String where() {
    return "snapshot " + path;
  }

  /** Returns what the file holds; nothing, with a complaint, if it cannot be used. */
  List<Known> read() {
    try {
      Buffer json = bytes();
      return json.length() == 0
          ? List.of()
          : ServiceJsonReader.read(json, MAX_BYTES, where(), complaints, this::known);
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (CodecException malformed) {
      complaints.about(String.valueOf(malformed.getMessage()), "the file is ignored");
    } catch (IOException | UnsupportedOperationException unreadable) {
      complaints.about(where() + ": " + unreadable, "the file is ignored");
    }
    return List.of();
  }

  private Buffer bytes() throws IOException {
    if (Files.notExists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isRegularFile(path)) {
      throw new CodecException(where() + ": no regular file", null);
    }
    if (isPosix()
        && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new CodecException(where() + ": everybody may write it (expected: mode 600)", null);
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CodecException(
            where() + ": larger than " + MAX_BYTES + " bytes (expected: at most that)", null);
      }
      if (bytes.length == 0) {
        throw new CodecException(where() + ": empty", null);
      }
      return Buffer.buffer(bytes);
    }
  }

  private List<Known> known(ServiceJsonReader reader) throws IOException {
    reader.requireObject("snapshot");
    JsonParser parser = reader.parser();
    String format = "";
    int version = 0;
    List<Known> services = List.of();
    for (String field = reader.nextField(); field != null; field = reader.nextField()) {
      switch (field) {
        case "format" -> format = reader.text("format");
        case "version" -> version = parser.getValueAsInt();
        case "services" -> services = services(reader);
        default -> parser.skipChildren();
      }
    }
    if (!format.equals(FORMAT) || version != VERSION) {
      throw new CodecException(
          where() + ": foreign (expected: \"" + FORMAT + "\", version " + VERSION + ")", null);
    }
    return services;
  }

  private List<Known> services(ServiceJsonReader reader) throws IOException {
    List<Known> services = new ArrayList<>();
    if (reader.isArray("services")) {
      while (reader.parser().nextToken() != JsonToken.END_ARRAY) {
        reader.requireObject("entry of a snapshot");
        Known service = service(reader);
        if (!service.versions.isEmpty()) {
          services.add(service);
        }
      }
    }
    return services;
  }

  private Known service(ServiceJsonReader reader) throws IOException {
    JsonParser parser = reader.parser();
    long confirmedAt = 0;
    List<Service> versions = new ArrayList<>();
    for (String field = reader.nextField(); field != null; field = reader.nextField()) {
      switch (field) {
        case "confirmedat" -> confirmedAt = parser.getValueAsLong();
        case "versions" -> {
          if (reader.isArray("versions")) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              versions.add(reader.service());
            }
          }
        }
        default -> parser.skipChildren();
      }
    }
    if (versions.stream().map(Service::name).distinct().count() > 1) {
      throw new CodecException(where() + ": versions of different services in one entry", null);
    }
    return new Known(Versions.merge(versions, where(), complaints), confirmedAt);
  }

  /**
   * Writes the file; what exceeds {@link #MAX_BYTES} is left out with a complaint.
   *
   * @throws IOException if it cannot be written; the former one is still there
   */
  void write(Collection<Known> services) throws IOException {
    byte[] json = json(services);
    Path temporary = Files.createTempFile(directory(), prefix(), ".tmp", ownerOnly());
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(json);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private byte[] json(Collection<Known> services) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.writeBytes(
        ("{\"format\":\"" + FORMAT + "\",\"version\":" + VERSION + ",\"services\":[")
            .getBytes(StandardCharsets.UTF_8));
    boolean first = true;
    for (Known known : services) {
      if (!isReadable(known)) {
        complaints.about(
            where(),
            "service "
                + known.name()
                + " left out, it has a key of more than "
                + ServiceJson.MAX_NAME
                + " characters");
        continue;
      }
      byte[] entry = json(known);
      if (json.size() + entry.length + 3 > MAX_BYTES) {
        complaints.about(
            where(), "service " + known.name() + " left out, it would exceed " + MAX_BYTES);
        continue;
      }
      if (!first) {
        json.write(',');
      }
      first = false;
      json.writeBytes(entry);
    }
    json.write(']');
    json.write('}');
    return json.toByteArray();
  }

  private static boolean isReadable(Known known) {
    return known.versions.stream()
        .allMatch(
            version ->
                isReadable(version.metadata())
                    && version.nodes().stream().allMatch(node -> isReadable(node.metadata()))
                    && version.endpoints().stream().allMatch(one -> isReadable(one.metadata())));
  }

  private static boolean isReadable(Map<String, String> metadata) {
    return metadata.keySet().stream().allMatch(key -> key.length() <= ServiceJson.MAX_NAME);
  }

  private static byte[] json(Known known) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = ServiceJsonReader.FACTORY.createGenerator(bytes)) {
      generator.writeStartObject();
      generator.writeNumberField("confirmedAt", known.confirmedAt);
      generator.writeArrayFieldStart("versions");
      for (Service version : known.versions) {
        ServiceJson.service(generator, version);
      }
      generator.writeEndArray();
      generator.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /**
   * Deletes what processes left behind that died while they wrote.
   *
   * @param now milliseconds since the epoch
   */
  void deleteLeftBehind(long now) {
    int deleted = 0;
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory(), file -> isLeftBehind(file, now))) {
      for (Path file : files) {
        Files.deleteIfExists(file);
        if (++deleted == MOST_LEFT_BEHIND) {
          return;
        }
      }
    } catch (IOException unreadable) {
      complaints.about(where(), "its directory cannot be read: " + unreadable);
    }
  }

  private boolean isLeftBehind(Path file, long now) throws IOException {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(prefix())
        && name.endsWith(".tmp")
        && now - Files.getLastModifiedTime(file).toMillis() > LEFT_BEHIND_MILLIS;
  }

  private String prefix() {
    return path.getFileName() + ".";
  }

  private Path directory() throws IOException {
    Path directory = path.getParent();
    if (directory == null) {
      throw new IOException(path + " is no file (expected: a file in a directory)");
    }
    return directory;
  }

  private static FileAttribute<?>[] ownerOnly() {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(
              Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  /**
   * What is known of one service.
   *
   * @param versions with nodes, of one name
   * @param confirmedAt when the registry last answered with nodes, in milliseconds since the epoch
   */
  record Known(List<Service> versions, long confirmedAt) {
    String name() {
      return versions.get(0).name();
    }
  }
}

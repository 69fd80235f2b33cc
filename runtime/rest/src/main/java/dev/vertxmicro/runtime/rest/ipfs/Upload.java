// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.runtime.rest.ipfs;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is added to a cluster: files, directories and symbolic links, in the order in which they are
 * sent. Immutable but for the streams in it, which can be read once. Paths begin with the name
 * under which something is added; a directory comes before what is in it.
 */
public final class Upload {

  private final List<UploadPart> parts;

  private Upload(List<UploadPart> parts) {
    this.parts = parts;
  }

  /** Returns an upload of nothing. */
  public static Upload empty() {
    return new Upload(List.of());
  }

  /** Returns this upload with a directory behind it. */
  public Upload directory(String path) {
    return with(new UploadPart(path, new UploadPart.Directory()));
  }

  /** Returns this upload with a file behind it. */
  public Upload file(String path, Buffer content) {
    return with(new UploadPart(path, new UploadPart.Bytes(content)));
  }

  /** Returns this upload with a file behind it that is read while it is sent. */
  public Upload file(String path, Path file) {
    return with(new UploadPart(path, new UploadPart.LocalFile(file)));
  }

  /**
   * Returns this upload with a file behind it whose content comes as a stream.
   *
   * @param content paused by the caller; read when its turn comes
   */
  public Upload file(String path, ReadStream<Buffer> content) {
    return with(new UploadPart(path, new UploadPart.Streamed(content)));
  }

  /**
   * Returns this upload with a file behind it that is fetched from the web while it is sent, by the
   * last part of its path. Redirects are followed; any status but 200 fails the upload.
   *
   * @param url begins with {@code http://} or {@code https://}; certificates are checked against
   *     the JDK's roots
   * @throws IllegalArgumentException if it does not, or names no file
   */
  public Upload url(String url) {
    String path = web(url).getPath();
    return url(path.substring(path.lastIndexOf('/') + 1), url);
  }

  /** Returns this upload with a file of that name behind it, see {@link #url(String)}. */
  public Upload url(String path, String url) {
    return with(new UploadPart(path, new UploadPart.WebFile(web(url))));
  }

  private static URI web(String url) {
    try {
      URI web = new URI(url);
      boolean http = "http".equalsIgnoreCase(web.getScheme());
      if ((http || "https".equalsIgnoreCase(web.getScheme())) && web.getHost() != null) {
        return web;
      }
    } catch (URISyntaxException none) {
      throw new IllegalArgumentException("url: " + none.getReason() + " (expected: a URL)", none);
    }
    throw new IllegalArgumentException("url: of no web page (expected: http:// or https://)");
  }

  /**
   * Returns this upload with a symbolic link behind it.
   *
   * @param target what the link says
   */
  public Upload link(String path, String target) {
    return with(new UploadPart(path, new UploadPart.Link(target)));
  }

  private Upload with(UploadPart part) {
    List<UploadPart> more = new ArrayList<>(parts);
    more.add(part);
    return new Upload(List.copyOf(more));
  }

  /**
   * Collects files, links and, if it may, directories with what is in them. Links are added as
   * links and not followed.
   *
   * @throws UncheckedIOException if one cannot be read, or is neither
   * @throws IllegalArgumentException if one is a directory and {@code params} are not recursive
   */
  static Upload of(List<Path> paths, AddParams params) {
    List<UploadPart> parts = new ArrayList<>();
    for (Path path : paths) {
      Path name = path.toAbsolutePath().normalize().getFileName();
      addTree(parts, path, name == null ? "root" : name.toString(), params);
    }
    return new Upload(List.copyOf(parts));
  }

  private static void addTree(List<UploadPart> to, Path path, String name, AddParams params) {
    try {
      if (Files.isSymbolicLink(path)) {
        String target = Files.readSymbolicLink(path).toString();
        to.add(new UploadPart(name, new UploadPart.Link(target)));
      } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        to.add(new UploadPart(name, new UploadPart.LocalFile(path)));
      } else if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + ": neither file nor directory");
      } else if (!params.isRecursive()) {
        throw new IllegalArgumentException(
            "paths: " + path + " (expected: recursive for directories)");
      } else {
        to.add(new UploadPart(name, new UploadPart.Directory()));
        try (Stream<Path> children = Files.list(path)) {
          for (Path child : children.sorted().toList()) {
            String leaf = String.valueOf(child.getFileName());
            if (params.isHidden() || !leaf.startsWith(".")) {
              addTree(to, child, name + "/" + leaf, params);
            }
          }
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  List<UploadPart> parts() {
    return parts;
  }

  /** Tells whether all its content is on the web. */
  boolean isOnWeb() {
    return parts.stream().allMatch(part -> part.isDirectory() || part.isOnWeb());
  }

  @Override
  public String toString() {
    return "Upload" + parts.stream().map(UploadPart::path).toList();
  }
}

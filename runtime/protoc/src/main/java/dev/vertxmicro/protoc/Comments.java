// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.List;
import java.util.stream.Collectors;

/** The comments of a .proto file, as Javadoc. */
final class Comments {

  /** Field numbers that lead through descriptors, as in {@code descriptor.proto}. */
  private static final int SERVICE = FileDescriptorProto.SERVICE_FIELD_NUMBER;

  private static final int METHOD = 2;

  private final FileDescriptorProto file;

  Comments(FileDescriptorProto file) {
    this.file = file;
  }

  /** Returns the comment of a service; empty if there is none. */
  String ofService(int service) {
    return at(List.of(SERVICE, service));
  }

  /** Returns the comment of a method; empty if there is none. */
  String ofMethod(int service, int method) {
    return at(List.of(SERVICE, service, METHOD, method));
  }

  private String at(List<Integer> path) {
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      if (location.getPathList().equals(path)) {
        String leading = location.getLeadingComments();
        return javadoc(leading.isBlank() ? location.getTrailingComments() : leading);
      }
    }
    return "";
  }

  /** Text in, HTML out, that ends no comment and starts no tag. */
  static String javadoc(String comment) {
    return comment
        .lines()
        .map(line -> line.startsWith(" ") ? line.substring(1) : line)
        .map(Comments::escape)
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"))
        .strip()
        .replaceAll("\n\n+", "\n\n<p>");
  }

  private static String escape(String line) {
    return line.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("*/", "*&#47;")
        .replace("\\", "&#92;");
  }
}

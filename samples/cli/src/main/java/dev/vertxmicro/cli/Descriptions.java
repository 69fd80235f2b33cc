// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.cli;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds a method in descriptions of services. */
final class Descriptions {

  private Descriptions() {}

  /**
   * Reads a descriptor set.
   *
   * @throws IllegalArgumentException if the file is none
   */
  static List<FileDescriptorProto> read(Path file) {
    try {
      return FileDescriptorSet.parseFrom(Files.readAllBytes(file)).getFileList();
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "--descriptor-set: " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /**
   * Finds a method.
   *
   * @param endpoint {@code Greeter.Hello}, or {@code /package.Greeter/Hello}
   * @throws RpcException NOT_FOUND if no service has it
   */
  static MethodDescriptor method(List<FileDescriptorProto> files, String endpoint) {
    int slash = endpoint.lastIndexOf('/');
    int cut = slash > 0 ? slash : endpoint.lastIndexOf('.');
    String service = cut < 0 ? "" : endpoint.substring(endpoint.startsWith("/") ? 1 : 0, cut);
    String method = endpoint.substring(cut + 1);
    TreeSet<String> known = new TreeSet<>();
    for (FileDescriptor file : build(files)) {
      for (ServiceDescriptor described : file.getServices()) {
        boolean meant =
            described.getFullName().equals(service) || described.getName().equals(service);
        MethodDescriptor found = meant ? described.findMethodByName(method) : null;
        if (found != null) {
          return found;
        }
        described.getMethods().forEach(one -> known.add(described.getName() + "." + one.getName()));
      }
    }
    throw RpcException.client(
            GrpcStatus.NOT_FOUND,
            "no endpoint " + endpoint + " (described: " + String.join(", ", known) + ")")
        .build();
  }

  /** Builds each file after those that it imports. */
  private static List<FileDescriptor> build(List<FileDescriptorProto> files) {
    Map<String, FileDescriptorProto> byName = new HashMap<>();
    files.forEach(file -> byName.put(file.getName(), file));
    Map<String, FileDescriptor> built = new HashMap<>();
    List<FileDescriptor> all = new ArrayList<>();
    files.forEach(file -> all.add(build(file, byName, built)));
    return all;
  }

  private static FileDescriptor build(
      FileDescriptorProto file,
      Map<String, FileDescriptorProto> byName,
      Map<String, FileDescriptor> built) {
    FileDescriptor known = built.get(file.getName());
    if (known != null) {
      return known;
    }
    List<FileDescriptor> imports = new ArrayList<>();
    for (String name : file.getDependencyList()) {
      FileDescriptorProto imported = byName.get(name);
      if (imported != null) {
        imports.add(build(imported, byName, built));
      }
    }
    try {
      FileDescriptor descriptor =
          FileDescriptor.buildFrom(file, imports.toArray(new FileDescriptor[0]), true);
      built.put(file.getName(), descriptor);
      return descriptor;
    } catch (DescriptorValidationException malformed) {
      throw new IllegalArgumentException(
          "description: " + file.getName() + ": " + malformed.getMessage(), malformed);
    }
  }
}

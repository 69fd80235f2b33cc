// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.protoc;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileOptions;
import com.palantir.javapoet.ClassName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The classes that protoc's Java generator writes for messages: in {@code java_package} or else the
 * package of the file; one in a file with {@code java_multiple_files}, else inside the outer class;
 * inside each other as messages are. By the rules of protobuf v4, {@code
 * compiler/java/name_resolver.cc}.
 */
final class JavaTypes {

  private final Map<String, ClassName> byProtoName = new HashMap<>();

  private JavaTypes() {}

  static JavaTypes of(List<FileDescriptorProto> files) {
    JavaTypes types = new JavaTypes();
    for (FileDescriptorProto file : files) {
      String scope = file.getPackage().isEmpty() ? "." : "." + file.getPackage() + ".";
      ClassName outer = ClassName.get(packageOf(file), outerClass(file));
      for (DescriptorProto message : file.getMessageTypeList()) {
        types.add(
            scope,
            message,
            file.getOptions().getJavaMultipleFiles()
                ? ClassName.get(packageOf(file), message.getName())
                : outer.nestedClass(message.getName()));
      }
    }
    return types;
  }

  private void add(String scope, DescriptorProto message, ClassName name) {
    byProtoName.put(scope + message.getName(), name);
    for (DescriptorProto nested : message.getNestedTypeList()) {
      add(scope + message.getName() + ".", nested, name.nestedClass(nested.getName()));
    }
  }

  static String packageOf(FileDescriptorProto file) {
    FileOptions options = file.getOptions();
    return options.hasJavaPackage() ? options.getJavaPackage() : file.getPackage();
  }

  private static String outerClass(FileDescriptorProto file) {
    if (file.getOptions().hasJavaOuterClassname()) {
      return file.getOptions().getJavaOuterClassname();
    }
    String base = file.getName().substring(file.getName().lastIndexOf('/') + 1);
    String name = JavaNames.camel(base.replaceFirst("\\.proto(devel)?$", ""), true);
    boolean taken =
        file.getEnumTypeList().stream().anyMatch(type -> type.getName().equals(name))
            || file.getServiceList().stream().anyMatch(type -> type.getName().equals(name))
            || file.getMessageTypeList().stream().anyMatch(type -> has(type, name));
    return taken ? name + "OuterClass" : name;
  }

  private static boolean has(DescriptorProto message, String name) {
    return message.getName().equals(name)
        || message.getEnumTypeList().stream().anyMatch(type -> type.getName().equals(name))
        || message.getNestedTypeList().stream().anyMatch(nested -> has(nested, name));
  }

  /**
   * Returns the class of a message.
   *
   * @param protoName the full name, behind a dot
   */
  ClassName get(String protoName) {
    ClassName name = byProtoName.get(protoName);
    if (name == null) {
      throw new IllegalStateException("message: " + protoName + " (expected: one that is there)");
    }
    return name;
  }
}

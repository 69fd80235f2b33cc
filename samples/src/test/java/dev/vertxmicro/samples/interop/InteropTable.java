// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples.interop;

import dev.vertxmicro.peers.GoPeer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * What became of each {@link InteropCase} with each version of go-micro: printed when all groups of
 * a suite have run, and compared with the table that is kept in the repository, which therefore
 * says what the last run has seen. What a machine had to leave out is not compared; nor is anything
 * where a group has not begun.
 */
final class InteropTable implements TestWatcher, AfterAllCallback {

  private static final Path KEPT = Path.of("go-peers", "INTEROP.md");
  private static final Path SEEN = Path.of("target", "INTEROP.md");

  private static final String HEAD =
      """
      # What Java and real go-micro do together

      Written by a run of `InteropIT` (part of `./micro test`), which fails when this file says something else than it has
      seen; the run's own table is `samples/target/INTEROP.md`. J is this runtime, G the go-micro of the column, from
      `samples/go-peers`. What the cases claim of the wire was read between the two, from the bytes that a proxy recorded.

      The cases of mDNS run on a network of their own, a Linux namespace with nothing but loopback, since G speaks to whatever
      network there is; a machine that does not allow that leaves them out and says so.

      Not in the table, and why: go-micro v5.10 and v6, whose modules could not be had from the module proxy; G's mucp client
      calling J, which serves gRPC only; plain gRPC servers and clients of other makers (`GrpcJavaInteropIT`,
      `GrpcJavaStreamInteropIT`, `PlainGrpcCallerIT`).

      """;

  private static final String LEFT_OUT = "left out";

  private record Row(String number, String title) implements Comparable<Row> {
    static Row of(Method test) {
      InteropCase described = test.getAnnotation(InteropCase.class);
      return new Row(described.number(), described.value());
    }

    @Override
    public int compareTo(Row other) {
      int order = Integer.compare(digits(), other.digits());
      return order != 0 ? order : number.compareTo(other.number);
    }

    private int digits() {
      return Integer.parseInt(number.replaceAll("\\D", ""));
    }
  }

  private final Map<Row, Map<String, String>> outcomes = new TreeMap<>();

  @Override
  public void testSuccessful(ExtensionContext context) {
    put(context, "pass");
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    put(context, "FAIL");
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    put(context, LEFT_OUT);
  }

  private void put(ExtensionContext context, String outcome) {
    Row row = Row.of(context.getRequiredTestMethod());
    outcomes
        .computeIfAbsent(row, fresh -> new LinkedHashMap<>())
        .put(context.getDisplayName(), outcome);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (context.getParent().flatMap(ExtensionContext::getTestClass).isPresent()) {
      return; // a group
    }
    String seen = render();
    System.out.println(seen);
    if (isComplete(context.getRequiredTestClass())) {
      Files.writeString(SEEN, seen);
      String kept = Files.exists(KEPT) ? Files.readString(KEPT) : "";
      if (!agree(kept, seen)) {
        Assertions.fail(KEPT + " does not say what was seen; " + SEEN + " does: copy it");
      }
    }
  }

  private static boolean agree(String kept, String seen) {
    String pattern =
        Arrays.stream(seen.split(Pattern.quote("| " + LEFT_OUT + " "), -1))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\| \\w+ "));
    return Pattern.matches(pattern, kept);
  }

  private boolean isComplete(Class<?> suite) {
    List<String> cases =
        Arrays.stream(suite.getDeclaredClasses())
            .flatMap(InteropTable::methods)
            .filter(method -> method.isAnnotationPresent(InteropCase.class))
            .map(method -> Row.of(method).number())
            .sorted()
            .toList();
    Assertions.assertEquals(cases.stream().distinct().toList(), cases, "a number is there twice");
    return outcomes.size() == cases.size()
        && outcomes.values().stream().allMatch(row -> row.size() == GoPeer.ALL.size());
  }

  private static Stream<Method> methods(Class<?> type) {
    return type == Object.class
        ? Stream.empty()
        : Stream.concat(Arrays.stream(type.getDeclaredMethods()), methods(type.getSuperclass()));
  }

  private String render() {
    StringBuilder table = new StringBuilder(HEAD);
    table.append(line("case", GoPeer.ALL.stream().map(InteropTable::version).toList()));
    table.append(line("---", GoPeer.ALL.stream().map(program -> "---").toList()));
    outcomes.forEach(
        (row, cells) ->
            table.append(
                line(
                    row.number() + ". " + row.title(),
                    GoPeer.ALL.stream()
                        .map(program -> cells.getOrDefault(program, "not run"))
                        .toList())));
    return table.toString();
  }

  private static String line(String first, List<String> others) {
    return Stream.concat(Stream.of(first), others.stream())
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String version(String program) {
    return program.replace("greeter-", "") + ".0";
  }
}

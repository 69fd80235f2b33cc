// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import dev.vertxmicro.processor.MethodModel.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.lang.model.element.ExecutableElement;

/** Reads what an annotation sets for the calls or publishes of one method, as code. */
final class DefaultsReader {

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final Pattern CONTENT_TYPE = Pattern.compile("[^/;\\s]+/[^/;\\s]+(\\s*;.*)?");

  /** As {@code CallOptions} and {@code PublishOptions} have them. */
  private static final int MOST_RETRIES_OF_CALLS = 100;

  private static final int MOST_RETRIES_OF_PUBLISHES = 1_000;

  private final Mistakes mistakes;
  private final ExecutableElement method;
  private final Marks marks;
  private final List<CodeBlock> defaults = new ArrayList<>();

  DefaultsReader(Mistakes mistakes, ExecutableElement method, Marks marks) {
    this.mistakes = mistakes;
    this.method = method;
    this.marks = marks;
  }

  List<CodeBlock> ofCall(Kind kind) {
    ClassName option = Names.CallOption;
    flag(option, "idempotent");
    duration(option, "timeout", "timeout");
    duration(option, "attemptTimeout", "attemptTimeout");
    retries(option, MOST_RETRIES_OF_CALLS);
    duration(option, "hedgeAfter", "hedge");
    if (!marks.text("hedgeAfter").isEmpty() && !marks.flag("idempotent")) {
      mistakes.add(method, "hedgeAfter: set without idempotent, it would do nothing");
    }
    String contentType = contentType();
    if (!contentType.isEmpty()) {
      defaults.add(CodeBlock.of("$T.contentType($S)", option, contentType));
    }
    flag(option, "waitForReady");
    for (String ofStreams : List.of("streamTimeout", "idleTimeout")) {
      duration(option, ofStreams, ofStreams);
      if (!marks.text(ofStreams).isEmpty() && !kind.isStream()) {
        mistakes.add(method, ofStreams + ": set for a method that opens no stream");
      }
    }
    if (kind.isStream() && marks.flag("oneWay")) {
      mistakes.add(method, "oneWay: set for a method that opens a stream");
    }
    return defaults;
  }

  List<CodeBlock> ofPublish() {
    flag(Names.PublishOption, "idempotent");
    duration(Names.PublishOption, "timeout", "timeout");
    retries(Names.PublishOption, MOST_RETRIES_OF_PUBLISHES);
    return defaults;
  }

  /** Returns the content type, or an empty string for none. */
  String contentType() {
    String contentType = marks.text("contentType");
    if (!contentType.isEmpty() && !CONTENT_TYPE.matcher(contentType).matches()) {
      mistakes.add(
          method,
          "contentType: '"
              + contentType
              + "' (expected: type/subtype, as in application/json or application/grpc+proto)");
    }
    return contentType;
  }

  private void flag(ClassName option, String name) {
    if (marks.flag(name)) {
      defaults.add(CodeBlock.of("$T.$L()", option, name));
    }
  }

  private void retries(ClassName option, int most) {
    int retries = marks.number("retries");
    if (retries >= 0 && retries <= most) {
      defaults.add(CodeBlock.of("$T.retries($L)", option, retries));
    } else if (retries != -1) {
      mistakes.add(method, "retries: " + retries + " (expected: 0 to " + most + ")");
    }
  }

  private void duration(ClassName option, String name, String factory) {
    String text = marks.text(name);
    if (text.isEmpty()) {
      return;
    }
    Matcher parts = DURATION.matcher(text);
    if (!parts.matches() || Integer.parseInt(parts.group(1)) == 0) {
      mistakes.add(
          method,
          name
              + ": '"
              + text
              + "' (expected: a whole number above 0 and a unit, as in 500ms, 2s, 5m"
              + " or 1h)");
      return;
    }
    String of =
        switch (parts.group(2)) {
          case "ms" -> "ofMillis";
          case "s" -> "ofSeconds";
          case "m" -> "ofMinutes";
          default -> "ofHours";
        };
    defaults.add(
        CodeBlock.of("$T.$L($T.$L($L))", option, factory, Names.Duration, of, parts.group(1)));
  }
}

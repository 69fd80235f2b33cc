// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import dev.vertxmicro.runtime.Reply;
import io.vertx.core.Future;
import java.util.List;

/**
 * What became of many calls.
 *
 * @param replies of the calls that were answered
 * @param failures of the others
 */
record Answers(List<Reply<Greeting>> replies, List<Throwable> failures) {

  Answers {
    replies = List.copyOf(replies);
    failures = List.copyOf(failures);
  }

  static Answers of(List<Future<Reply<Greeting>>> ended) {
    return new Answers(
        ended.stream().filter(Future::succeeded).map(Future::result).toList(),
        ended.stream().filter(Future::failed).map(Future::cause).toList());
  }

  /** Returns how many calls needed more than one attempt. */
  long sentAgain() {
    return replies.stream().filter(reply -> reply.attempts() > 1).count();
  }

  /** Returns how many calls that node answered. */
  long by(Greeter greeter) {
    return replies.stream().filter(reply -> reply.node().id().equals(greeter.id())).count();
  }

  /** Checks that every call was answered. */
  void checkAllAnswered(int calls) {
    String first = failures.isEmpty() ? "" : "; the first failure: " + failures.get(0).getMessage();
    Check.that(
        replies.size() == calls,
        "all %d calls answered".formatted(calls),
        "%d answered%s".formatted(replies.size(), first));
  }
}

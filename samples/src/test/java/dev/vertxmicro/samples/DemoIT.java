// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DemoIT {

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void greetsTheNamesAndHoldsInEveryScene() {
    int exit = run(Scene.all(), "Ada Lovelace", "\u00c6r\u00f8 \u6f22\u5b57", "x".repeat(1_000));

    assertEquals(Demo.HELD, exit, this::output);
    assertAll(
        () -> assertPrinted("\"Hello Ada Lovelace\", says greeter-[123] in JSON and greeter-[123]"),
        () -> assertPrinted("\"Hello \u00c6r\u00f8 \u6f22\u5b57\", says"),
        () -> assertPrinted("\"Hello x{34}\\.\\.\\. \\(1,006 characters\\)\", says"),
        () -> assertPrinted("greeter-2, which takes its time, is killed"),
        () -> assertPrinted("60 of 60 calls answered; [1-9]\\d* had been with greeter-2"),
        () -> assertPrinted("24 of 24 calls answered, all by others; [1-9]\\d* had asked"),
        () -> assertPrinted("failed: 408 DEADLINE_EXCEEDED, processed UNKNOWN"),
        () -> assertPrinted("Its time: .*wait \\d+ ms"),
        () ->
            assertPrinted(
                "Pool size 4 a node: 400 calls at a time to 2 nodes on [4-8] connections"),
        () -> assertPrinted("calls answered, 0 failed"),
        () -> assertPrinted("20 events published: 20 to the audit, 10 and 10 to the two mailers"),
        () -> assertPrinted("still open: 0 calls, 0 attempts, 0 leases .* 0 timers, 0 streams"),
        () -> assertPrinted("0 connections, 0 queued"),
        () -> assertPrinted("still registered: nothing"),
        () -> assertPrinted("All of it worked"));
    assertEquals(6, output().lines().filter("   OK"::equals).count(), this::output);
  }

  @Test
  void failsWithWhatWasExpectedAndSeenWhenAClaimDoesNotHold() {
    Scene untrue = scene(stage -> Check.that(false, "60 answers", 59));

    int exit = run(List.of(untrue, new GreetingScene()), "Ada");

    assertEquals(Demo.FAILED, exit, this::output);
    assertPrinted("   FAILED: expected 60 answers; seen: 59");
    assertPrinted("Not all of it worked: expected 60 answers; seen: 59");
    assertFalse(output().contains("Hello Ada"), "the scenes after a failed one are left out");
  }

  @Test
  void failsWhenNoNodeIsLeftToAnswer() {
    Function<Stage, Future<?>> allDie =
        stage -> Future.all(stage.greeters().stream().map(Greeter::kill).toList());

    int exit = run(List.of(titled(allDie), new GreetingScene()), "Ada");

    assertEquals(Demo.FAILED, exit, this::output);
    assertPrinted("FAILED: greeter Greeter.Hello.*: 404 Not Found");
    assertFalse(output().contains("All of it worked"), this::output);
  }

  @Test
  void failsWhenAKilledNodeIsTheOnlyOne() {
    Function<Stage, Future<?>> othersDie =
        stage -> Future.all(stage.greeters().get(0).kill(), stage.greeters().get(2).kill());

    int exit = run(List.of(titled(othersDie), new KilledNodeScene()), "Ada");

    assertEquals(Demo.FAILED, exit, this::output);
    assertPrinted("FAILED: expected all 60 calls answered; seen: 0 answered; the first failure: ");
  }

  @Test
  void refusesNamesItCannotGreetBeforeItStartsAnything() {
    String[] many = new String[Names.MOST_NAMES + 1];
    Arrays.fill(many, "Ada");

    assertEquals(Demo.USAGE, run(Scene.all(), many));

    assertEquals("demo: names: 51 (expected: at most 50)", output().lines().findFirst().orElse(""));
    assertFalse(output().contains("greeter-1"), this::output);
  }

  @Test
  void saysHowItIsUsed() {
    assertEquals(Demo.HELD, run(Scene.all(), "--help"));

    assertPrinted("^Usage: ./micro demo \\[name...]");
    assertFalse(output().contains("greeter-1"), this::output);
  }

  @Test
  void endsASceneThatDoesNotEnd() {
    Function<Stage, Future<?>> endless = stage -> Promise.promise().future();

    int exit = run(List.of(titled(endless)), Duration.ofMillis(1), "Ada");

    assertEquals(Demo.FAILED, exit, this::output);
    assertPrinted("FAILED: expected an end within 1 ms; seen: none");
  }

  private int run(List<Scene> scenes, String... names) {
    return run(scenes, Duration.ofSeconds(30), names);
  }

  private int run(List<Scene> scenes, Duration sceneTimeout, String... names) {
    return new Demo(scenes, sceneTimeout, new PrintStream(printed, true, UTF_8)).run(names);
  }

  private static Scene scene(Consumer<Stage> action) {
    return titled(
        stage -> {
          action.accept(stage);
          return Future.succeededFuture();
        });
  }

  private static Scene titled(Function<Stage, Future<?>> play) {
    return new Scene() {
      @Override
      public String title() {
        return "A scene of the test";
      }

      @Override
      public Future<Void> play(Stage stage) {
        return play.apply(stage).mapEmpty();
      }
    };
  }

  private void assertPrinted(String pattern) {
    assertTrue(Pattern.compile(pattern).matcher(output()).find(), () -> pattern + "\n" + output());
  }

  private String output() {
    return printed.toString(UTF_8);
  }
}

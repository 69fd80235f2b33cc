// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.errors.GrpcStatus;
import dev.vertxmicro.errors.RpcException;
import dev.vertxmicro.registry.RegistryEvent.Action;
import dev.vertxmicro.registry.SnapshotFile.Known;
import dev.vertxmicro.time.FakeTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySnapshotTest {

  private static final Node A = Node.of("a", "127.0.0.1:1");
  private static final Node B = Node.of("b", "127.0.0.1:2");
  private static final RpcException DOWN =
      RpcException.client(GrpcStatus.UNAVAILABLE, "consul: connection refused").build();

  @TempDir private Path directory;
  private Path path;
  private final FakeTimeSource time = new FakeTimeSource();
  private final ScriptedRegistry registry = new ScriptedRegistry();
  private final RecordedLog log = new RecordedLog();
  private final Complaints complaints = new Complaints(log, time);
  private CachingOptions options;
  private CachingRegistry cache;

  @BeforeEach
  void start() {
    path = directory.resolve("nodes.json");
    options = new CachingOptions().setSnapshotFile(path.toString());
    cache = newCache();
  }

  private CachingRegistry newCache() {
    return CachingRegistry.immediate(registry, options, time);
  }

  private static Service greeter(Node... nodes) {
    return Service.builder("greeter").version("1").build().withNodes(List.of(nodes));
  }

  private List<Service> read() {
    List<Service> versions = new ArrayList<>();
    new SnapshotFile(path, complaints).read().forEach(known -> versions.addAll(known.versions()));
    return versions;
  }

  /** Lets a process know the greeter, and end. */
  private void formerProcessKnows(Node... nodes) {
    registry.answer(greeter(nodes));
    cache.get("greeter");
    cache.close();
  }

  private static List<Service> result(Future<List<Service>> answer) {
    assertTrue(answer.succeeded(), () -> "not known: " + answer.cause());
    return answer.result();
  }

  // The restarted process

  @Test
  void restartedProcessCallsAtOnceThoughTheRegistryIsDown() {
    formerProcessKnows(A, B);
    registry.fail(DOWN);

    CachingRegistry restarted = newCache();

    assertEquals(List.of(greeter(A, B)), result(restarted.get("greeter")));
    assertTrue(restarted.isStale("greeter"));
    assertEquals(DOWN, restarted.get("other").cause());
  }

  @Test
  void restartedProcessCallsThoughTheRegistryIsEmpty() {
    formerProcessKnows(A);
    registry.answer();

    assertEquals(List.of(greeter(A)), result(newCache().get("greeter")));
  }

  @Test
  void restartedProcessWaitsAMomentForARegistryThatHangs() {
    formerProcessKnows(A);
    registry.hold();
    CachingRegistry restarted = newCache();
    Future<List<Service>> first = restarted.get("greeter");

    time.advance(Duration.ofMillis(CachedService.PATIENCE_MILLIS - 1));
    assertFalse(first.isComplete());
    time.advance(Duration.ofMillis(1));

    assertEquals(List.of(greeter(A)), result(first));
    registry.held().complete(List.of(greeter(B)));
    assertEquals(B, restarted.get("greeter").result().get(0).nodes().get(0));
    assertFalse(restarted.isStale("greeter"));
  }

  @Test
  void registryThatAnswersIsBelievedMoreThanTheFile() {
    formerProcessKnows(A);
    registry.answer(greeter(B));

    CachingRegistry restarted = newCache();

    assertEquals(List.of(greeter(B)), result(restarted.get("greeter")));
    assertFalse(restarted.isStale("greeter"));
  }

  @Test
  void changeReportedMeanwhileIsAppliedToWhatTheFileSays() {
    formerProcessKnows(A, B);
    registry.hold();
    CachingRegistry restarted = newCache();
    Future<List<Service>> first = restarted.get("greeter");
    registry.report(new RegistryEvent(Action.DELETE, greeter(A)));

    registry.held().fail(DOWN);

    assertEquals(List.of(greeter(B)), result(first));
  }

  @Test
  void recoveryAfterARestartKeepsWhatTheRegistryHasNotHeardOfYet() {
    formerProcessKnows(A, B);
    registry.fail(DOWN);
    CachingRegistry restarted = newCache();
    restarted.get("greeter");

    registry.answer(greeter(B));
    time.advance(Duration.ofSeconds(3));
    assertEquals(2, Versions.nodes(result(restarted.get("greeter"))));
    time.advance(options.getGrace());

    assertEquals(List.of(greeter(B)), result(restarted.get("greeter")));
  }

  @Test
  void maxStaleCountsFromWhatTheRegistryConfirmedToTheFormerProcess() {
    formerProcessKnows(A);
    registry.fail(DOWN);

    time.advance(Duration.ofMinutes(59));
    CachingRegistry restarted = newCache();
    assertEquals(List.of(greeter(A)), result(restarted.get("greeter")));
    assertEquals(Duration.ofMinutes(59), restarted.age("greeter").orElseThrow());
    restarted.close();
    CachingRegistry again = newCache();
    assertEquals(List.of(greeter(A)), result(again.get("greeter")));
    time.advance(Duration.ofMinutes(1));

    assertEquals(DOWN, again.get("greeter").cause());
    assertEquals(DOWN, newCache().get("greeter").cause());
  }

  @Test
  void snapshotFromTheFutureIsAsOldAsThisProcess() {
    formerProcessKnows(A);
    FakeTimeSource earlier = new FakeTimeSource(1);
    registry.fail(DOWN);

    CachingRegistry restarted = CachingRegistry.immediate(registry, options, earlier);

    assertEquals(List.of(greeter(A)), result(restarted.get("greeter")));
    earlier.advance(options.getMaxStale());
    assertEquals(DOWN, restarted.get("greeter").cause());
  }

  // Writing

  @Test
  void changesAreWrittenTogetherAndNotTooOften() {
    registry.answer(greeter(A));
    cache.get("greeter");
    assertFalse(Files.exists(path));
    time.advance(RegistrySnapshot.SOON);
    assertEquals(List.of(greeter(A)), read());

    registry.report(new RegistryEvent(Action.CREATE, greeter(B)));
    time.advance(RegistrySnapshot.GAP.minus(RegistrySnapshot.SOON));
    assertEquals(List.of(greeter(A)), read());
    time.advance(RegistrySnapshot.SOON);
    assertEquals(List.of(greeter(A, B)), read());
  }

  @Test
  void confirmationIsWrittenInTime() {
    registry.answer(greeter(A));
    for (int minutes = 0; minutes < 180; minutes += 5) {
      cache.get("greeter");
      time.advance(Duration.ofMinutes(5));
    }

    Known known = new SnapshotFile(path, complaints).read().get(0);

    long age = time.epochMillis() - known.confirmedAt();
    assertTrue(age < 150_000, "confirmed " + age + " ms ago");
  }

  @Test
  void deletedServiceIsForgotten() {
    registry.answer(greeter(A));
    cache.get("greeter");
    time.advance(RegistrySnapshot.SOON);

    registry.report(new RegistryEvent(Action.DELETE, greeter(A)));
    time.advance(RegistrySnapshot.GAP);

    assertEquals(List.of(), read());
  }

  @Test
  void serviceThatIsNotUsedForAWhileIsRemembered() {
    registry.answer(greeter(A));
    cache.get("greeter");
    time.advance(options.getIdleTimeout().plus(options.getTtl().multipliedBy(2)));
    assertEquals(0, registry.watches());
    registry.fail(DOWN);

    assertEquals(List.of(greeter(A)), result(cache.get("greeter")));
    assertEquals(List.of(greeter(A)), read());
  }

  @Test
  void servicesAreBoundedAsInTheCache() {
    options.setMaxServices(3);
    CachingRegistry small = newCache();
    for (int i = 0; i < 10; i++) {
      registry.answer(Service.builder("s" + i).node(A).build());
      small.get("s" + i);
    }
    small.close();

    assertEquals(List.of("s7", "s8", "s9"), read().stream().map(Service::name).sorted().toList());
  }

  @Test
  void closeWritesWhatIsPendingAndLeavesNoTimer() {
    registry.answer(greeter(A));
    cache.get("greeter");

    assertTrue(cache.close().succeeded());
    assertTrue(cache.close().succeeded());

    assertEquals(List.of(greeter(A)), read());
    assertEquals(0, time.armed());
  }

  @Test
  void fileIsForItsOwnerAloneAndNothingIsLeftBesideIt() throws IOException {
    formerProcessKnows(A);

    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void fileThatCannotBeWrittenBreaksNothingAndIsTriedAgain() throws IOException {
    Path missing = directory.resolve("missing");
    options.setSnapshotFile(missing.resolve("nodes.json").toString());
    CachingRegistry cache = newCache();
    registry.answer(greeter(A));
    assertEquals(List.of(greeter(A)), result(cache.get("greeter")));
    time.advance(Duration.ofMinutes(10));
    Files.createDirectory(missing);
    cache.get("greeter");
    time.advance(Duration.ofMinutes(2));

    assertTrue(Files.exists(missing.resolve("nodes.json")));
  }

  @Test
  void whatDyingProcessesLeftBehindIsDeletedOnceOld() throws IOException {
    Path old = Files.createFile(directory.resolve("nodes.json.17.tmp"));
    Path young = Files.createFile(directory.resolve("nodes.json.18.tmp"));
    Path other = Files.createFile(directory.resolve("other.json.17.tmp"));
    long hour = Duration.ofHours(1).toMillis();
    Files.setLastModifiedTime(old, FileTime.fromMillis(time.epochMillis() - hour - 1));
    Files.setLastModifiedTime(young, FileTime.fromMillis(time.epochMillis() - hour + 1));
    Files.setLastModifiedTime(other, FileTime.fromMillis(time.epochMillis() - 2 * hour));

    newCache();

    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young) && Files.exists(other));
  }

  @Test
  void whatExceedsTheFileIsLeftOutWithAComplaint() throws IOException {
    String large = "x".repeat(8 << 20);
    List<Known> services = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      Service service = Service.builder(name).metadata("k", large).node(A).build();
      services.add(new Known(List.of(service), 1));
    }
    services.add(new Known(List.of(greeter(A)), 1));

    new SnapshotFile(path, complaints).write(services);

    assertTrue(Files.size(path) <= SnapshotFile.MAX_BYTES);
    assertEquals(2, log.warnings().size(), log.warnings().toString());
    assertTrue(log.warnings().get(0).contains("service two left out"), log.warnings().toString());
    assertEquals(List.of("one", "greeter"), read().stream().map(Service::name).toList());
  }

  @Test
  void serviceThatCouldNotBeReadBackIsLeftOutWithAComplaint() throws IOException {
    Service odd = greeter(Node.builder("a", "h:1").metadata("k".repeat(5_000), "v").build());

    new SnapshotFile(path, complaints)
        .write(
            List.of(
                new Known(List.of(odd), 1),
                new Known(List.of(Service.builder("clock").node(A).build()), 1)));

    assertEquals(List.of("clock"), read().stream().map(Service::name).toList());
    assertTrue(log.warnings().get(0).contains("greeter left out"), log.warnings().toString());
  }

  @Test
  void hundredThousandNodesFit() throws IOException {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      nodes.add(
          Node.builder("greeter-" + i, "10.0.0.1:" + (1 + i % 65_535)).protocol("grpc").build());
    }
    Service service = greeter().withNodes(nodes);

    new SnapshotFile(path, complaints).write(List.of(new Known(List.of(service), 1)));

    assertEquals(List.of(service), read());
    assertEquals(List.of(), log.warnings());
  }

  // Reading what is not right

  private void assertIgnored(String why) {
    registry.fail(DOWN);
    CachingRegistry restarted = newCache();
    assertEquals(DOWN, restarted.get("greeter").cause());
    read();
    read();

    List<String> warnings = log.warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(
        warnings.get(0).startsWith("snapshot " + path + ": ")
            && warnings.get(0).endsWith(": the file is ignored")
            && warnings.get(0).contains(why),
        warnings.toString());
    // and the next one is written in its place
    formerProcessKnowsAgain();
  }

  private void formerProcessKnowsAgain() {
    CachingRegistry next = newCache();
    registry.answer(greeter(B));
    next.get("greeter");
    next.close();
    assertEquals(List.of(greeter(B)), read());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\u0000\u0001\u0002", "hello", "[]", "null", "7"})
  void corruptFileIsReportedOnceAndIgnored(String content) throws IOException {
    Files.writeString(path, content);

    assertIgnored("");
  }

  @Test
  void truncatedFileIsReportedWithItsPosition() throws IOException {
    formerProcessKnows(A, B);
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(whole, whole.length - 20));

    assertIgnored("" + (whole.length - 20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'format':'other','version':1,'services':[]} | foreign",
        "{'format':'vertx-micro registry snapshot','version':2,'services':[]} | foreign",
        "{'services':[]} | foreign",
        "{'format':'vertx-micro registry snapshot','version':1,'services':[7]} | no entry",
        "{'format':'vertx-micro registry snapshot','version':1,'services':[{'versions':[{}]}]} | service without a name",
        "{'format':'vertx-micro registry snapshot','version':1,'services':[{'versions':[{'name':'a'},{'name':'b'}]}]} | versions of different services",
        "{'format':'vertx-micro registry snapshot','version':1,'services':[]}x | not JSON at byte"
      })
  void foreignFileIsReportedAndIgnored(String json, String why) throws IOException {
    Files.writeString(path, json.replace('\'', '"'));

    assertIgnored(why);
  }

  @Test
  void hugeFileIsReportedAndIgnored() throws IOException {
    Files.write(path, new byte[SnapshotFile.MAX_BYTES + 1]);

    assertIgnored("larger than 16777216 bytes");
  }

  @Test
  void fileThatEverybodyMayWriteIsNotBelieved() throws IOException {
    formerProcessKnows(A);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertIgnored("everybody may write it");
  }

  @Test
  void directoryInItsPlaceIsReportedAndIgnored() throws IOException {
    Files.createDirectory(path);
    registry.fail(DOWN);

    assertEquals(DOWN, newCache().get("greeter").cause());

    assertEquals(List.of(), read());
    assertTrue(log.warnings().get(0).contains("no regular file"), log.warnings().toString());
  }

  @Test
  void malformedNodesAreLeftOutAndTheRestIsServed() throws IOException {
    formerProcessKnows(A, B);
    String json = Files.readString(path);
    Files.writeString(path, json.replace("127.0.0.1:2", "127.0.0.1:99999"));
    registry.fail(DOWN);

    assertEquals(List.of(greeter(A)), result(newCache().get("greeter")));
    read();
    assertEquals(1, log.warnings().size());
  }

  @Test
  void everyMutationIsReadOrIgnored() throws IOException {
    formerProcessKnows(A, B);
    byte[] whole = Files.readAllBytes(path);
    SplittableRandom random = new SplittableRandom(11);
    int usable = 0;
    for (int round = 0; round < 2_000; round++) {
      byte[] mutant = whole.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(128);
      }
      int end = random.nextInt(4) == 0 ? random.nextInt(mutant.length) : mutant.length;
      Files.write(path, Arrays.copyOf(mutant, end));
      usable += read().isEmpty() ? 0 : 1;
    }

    assertTrue(usable > 100 && usable < 1_900, usable + " usable");
  }

  @Test
  void formIsVersionedAndOfGoMicrosServices() throws IOException {
    formerProcessKnows(A);

    JsonObject json = new JsonObject(Files.readString(path, StandardCharsets.UTF_8));

    assertEquals("vertx-micro registry snapshot", json.getString("format"));
    assertEquals(1, json.getInteger("version"));
    JsonObject entry = json.getJsonArray("services").getJsonObject(0);
    assertEquals(time.epochMillis(), entry.getLong("confirmedAt"));
    assertEquals(
        new JsonObject(ServiceJson.write(greeter(A))),
        entry.getJsonArray("versions").getJsonObject(0));
  }

  // Workers and several processes

  @Test
  void worksOnVertxOffTheEventLoop() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      registry.answer(greeter(A));
      CachingRegistry former = CachingRegistry.create(vertx, registry, options);
      await(former.get("greeter"));
      await(former.close());

      registry.fail(DOWN);
      CachingRegistry restarted = CachingRegistry.create(vertx, registry, options);

      assertEquals(List.of(greeter(A)), await(restarted.get("greeter")));
      await(restarted.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void severalWritersOfOneFileNeverMakeItUnreadable() throws Exception {
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      SnapshotFile file = new SnapshotFile(path, complaints);
      Service service = greeter(A).toBuilder().metadata("writer", "" + i).build();
      Thread writer =
          new Thread(
              () -> {
                for (int round = 0; round < 50; round++) {
                  try {
                    file.write(List.of(new Known(List.of(service), round + 1)));
                  } catch (IOException failed) {
                    complaints.about("writer", failed.toString());
                  }
                }
              });
      writers.add(writer);
      writer.start();
    }
    boolean writing = true;
    while (writing) {
      writing = writers.stream().anyMatch(Thread::isAlive);
      if (Files.exists(path)) {
        assertEquals(1, read().size());
      }
    }

    assertEquals(List.of(), log.warnings());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}

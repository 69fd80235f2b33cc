// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.vertxmicro.crawler.backend.ElectionOptions;
import dev.vertxmicro.crawler.backend.EmbeddedBackend;
import dev.vertxmicro.crawler.backend.EmbeddedStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CrawlerCommandIT {

  @Test
  void theDemoWorks() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();

    int code = new CrawlerDemo(new PrintStream(said, true, UTF_8), false).run();

    String text = said.toString(UTF_8);
    assertEquals(0, code, text);
    assertEquals(5, text.split("\n   OK\n", -1).length - 1, text);
    assertTrue(text.endsWith("All of it worked.\n"), text);
  }

  private final StringWriter err = new StringWriter();

  private int execute(String... args) {
    CommandLine line = CrawlerCommand.commandLine();
    line.setErr(new PrintWriter(err));
    line.setOut(new PrintWriter(new StringWriter()));
    return line.execute(args);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "master --id=a-b",
        "master --http=8081",
        "master --grpc=",
        "master --registry=embedded",
        "master --registry-address=host:port",
        "master --podip=somewhere",
        "master --podip=10.0.0.256 --id=1",
        "master --config=no/such/file.toml",
        "worker --cluster=perhaps",
        "worker --unknown"
      })
  void aWrongCommandLineIsExitCode2AndSaysWhatIsWrong(String args) {
    assertEquals(2, execute(args.isEmpty() ? new String[0] : args.split(" ")), err::toString);
    assertTrue(err.toString().startsWith("crawler: "), err::toString);
    assertTrue(err.toString().contains("--help") && err.toString().lines().count() < 12);
  }

  @Test
  void whoCannotListenSaysWhere() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Vertx vertx = Vertx.vertx();
      String http = "127.0.0.1:" + taken.getLocalPort();
      ProcessFlags flags = new ProcessFlags();
      flags.pprof = "";
      ProcessOptions options =
          flags.options(CrawlerConfig.NONE, "MasterServer", "s", http, "127.0.0.1:0");
      Future<String> deployed =
          vertx.deployVerticle(
              new Master(
                  options,
                  on -> EmbeddedBackend.create(on, new EmbeddedStore(), ElectionOptions.DEFAULT),
                  line -> {}));

      Exception failure = assertThrows(Exception.class, deployed::await);
      vertx.close().await();

      assertTrue(failure.getMessage().contains("cannot listen on " + http), failure::getMessage);
    }
  }

  @Test
  void helpIsThere() {
    assertEquals(0, execute("master", "--help"));
    assertEquals(0, execute("--help"));
  }
}

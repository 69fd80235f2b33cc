// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks over HTTP as curl would, with another client than Vert.x'. */
public final class Http {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /** An answer. */
  public record Answer(int status, String text) {
    /** Returns the body as JSON. */
    public JsonObject json() {
      return new JsonObject(text);
    }
  }

  private Http() {}

  /** Sends a request and waits for the answer, for 15 s at most. */
  public static Answer send(String method, String url, String body) {
    try {
      var request =
          HttpRequest.newBuilder(URI.create(url))
              .header("content-type", "application/json")
              .timeout(Duration.ofSeconds(15))
              .method(method, BodyPublishers.ofString(body))
              .build();
      var response = CLIENT.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}

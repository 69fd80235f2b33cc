// SPDX-License-Identifier: Apache-2.0

/** A service and its caller, each in a verticle. */
module com.example.greetings {
  requires dev.vertxmicro.runtime;
  requires io.vertx.core;

  // Messages of visits.proto
  requires com.google.protobuf;

  // Records that Jackson reads and writes
  opens com.example.greetings to
      com.fasterxml.jackson.databind;

  exports com.example.greetings;
  exports com.example.visits;
}

// SPDX-License-Identifier: Apache-2.0

/**
 * The registry in etcd, shared with go-micro. Start reading at {@link
 * dev.vertxmicro.registry.etcd.EtcdRegistry}, then {@code EtcdWatch} and {@code EtcdRegistration};
 * {@code Etcd} is what they ask for, and {@code EtcdClient} answers.
 *
 * <p>The client is our own, about a thousand lines on Vert.x' HTTP/2 and protobuf written by hand.
 * Both others were weighed:
 *
 * <ul>
 *   <li>jetcd 0.8.7 brings 24 jars and 11 MB beside Vert.x (grpc-netty, grpc-core, guava, failsafe,
 *       the messages of all of etcd), four of which have no module name; its timers and retries run
 *       on threads and clocks of its own, where virtual time does not reach.
 *   <li>vertx-grpc-client 5.0.7 waits for ever on some broken answers, shows no message of an error
 *       that comes in trailers, which etcd's do, does not end a dial to a silent peer, and would
 *       bring protobuf-java for eight small messages.
 * </ul>
 */
@NullMarked
package dev.vertxmicro.registry.etcd;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0

/**
 * The registry in etcd, shared with go-micro. Start reading at {@link
 * dev.vertxmicro.registry.etcd.EtcdRegistry}, then {@code EtcdWatch} and {@code EtcdRegistration};
 * {@code Etcd} is what they ask for, and {@code EtcdClient} answers.
 *
 * <p>The client is our own, about 1,600 lines on Vert.x' HTTP/2 with protobuf written by hand. Both
 * others were weighed:
 *
 * <ul>
 *   <li>jetcd 0.8.7 brings 23 jars and 11 MB beside Vert.x (grpc-netty, grpc-core, guava, failsafe,
 *       the messages of all of etcd), and its own have no module names; its timers and retries run
 *       on threads and clocks of its own, where virtual time does not reach.
 *   <li>vertx-grpc-client 5.0.7 waits for ever on some broken answers, shows no message of an error
 *       that ends a stream, and cannot give up a dial to a peer that accepts and then says nothing.
 *       What is left of it would need generated messages, and protobuf-java, for eight small ones.
 * </ul>
 */
@NullMarked
package dev.vertxmicro.registry.etcd;

import org.jspecify.annotations.NullMarked;

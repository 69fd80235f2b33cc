// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.etcd;

/**
 * What each answer of etcd begins with.
 *
 * @param clusterId which cluster answered
 * @param revision the revision of the store then
 * @param raftTerm the term of its consensus
 */
record Header(long clusterId, long revision, long raftTerm) {

  static final Header NONE = new Header(0, 0, 0);

  static Header read(ProtoReader in) {
    long clusterId = 0;
    long revision = 0;
    long raftTerm = 0;
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> clusterId = in.number();
        case 3 -> revision = in.number();
        case 4 -> raftTerm = in.number();
        default -> {}
      }
    }
    return new Header(clusterId, revision, raftTerm);
  }
}

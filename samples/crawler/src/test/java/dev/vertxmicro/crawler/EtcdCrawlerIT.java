// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

/** The crawler on a real etcd. */
class EtcdCrawlerIT extends CrawlerContract {

  @Override
  protected CrawlerStore open() {
    return new EtcdCrawlerStore();
  }
}

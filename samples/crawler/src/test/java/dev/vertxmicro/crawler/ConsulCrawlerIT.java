// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.crawler;

/** The crawler on a real Consul. */
class ConsulCrawlerIT extends CrawlerContract {

  @Override
  protected CrawlerStore open() {
    return new ConsulCrawlerStore();
  }
}

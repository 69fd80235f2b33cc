// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.codec;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;

/**
 * Passes over the fields that a type does not have, where they are ignored. Jackson does that by
 * itself for beans; for records, and all that is made by a constructor, it copies each of them
 * first, lest somebody else wants them.
 */
final class UnknownFields extends BeanDeserializerModifier {

  private static final long serialVersionUID = 1;

  @Override
  public BeanDeserializerBuilder updateBuilder(
      DeserializationConfig config, BeanDescription type, BeanDeserializerBuilder builder) {
    boolean somebodyWantsThem =
        config.isEnabled(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            || config.getProblemHandlers() != null;
    if (!somebodyWantsThem) {
      builder.setIgnoreUnknownProperties(true);
    }
    return builder;
  }
}

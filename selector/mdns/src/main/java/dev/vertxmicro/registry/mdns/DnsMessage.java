// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.registry.mdns;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vertxmicro.codec.CodecException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of multicast DNS (RFC 1035 section 4, RFC 6762 section 18), as far as go-micro's
 * registry needs it: PTR, SRV, A, AAAA and TXT; other records are passed over.
 *
 * <p>Reading takes whatever comes: O(bytes), at most {@value #MOST_RECORDS} records; a compressed
 * name may only point backwards, so it ends. What is malformed fails with a {@link CodecException}.
 * Names are written without compression.
 *
 * @param id of a question that an answer repeats; 0 for what is sent to all
 * @param response whether it is an answer
 * @param questions what is asked
 * @param records answers and additional records
 */
record DnsMessage(int id, boolean response, List<Question> questions, List<DnsRecord> records) {

  static final int A = 1;
  static final int PTR = 12;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int ANY = 255;

  /** The most records, and the most questions, of a message. */
  static final int MOST_RECORDS = 1_000;

  private static final int HEADER = 12;
  private static final int IN = 1;
  private static final int TOP_BIT = 0x8000;
  private static final int RESPONSE = 0x8400;
  private static final int MOST_NAME = 255;
  private static final int MOST_STRING = 255;
  private static final int PRIORITY = 10;
  private static final int WEIGHT = 1;

  /**
   * What is asked.
   *
   * @param name without a dot at the end
   * @param type of {@link DnsMessage}
   * @param unicast whether the answer is wanted by who asks only
   */
  record Question(String name, int type, boolean unicast) {}

  static DnsMessage question(String name) {
    return new DnsMessage(0, false, List.of(new Question(name, PTR, false)), List.of());
  }

  static DnsMessage response(List<DnsRecord> records) {
    return new DnsMessage(0, true, List.of(), records);
  }

  /**
   * Reads a message.
   *
   * @throws CodecException if it is none
   */
  static DnsMessage read(Buffer bytes) {
    try {
      return new Reader(bytes).message();
    } catch (IndexOutOfBoundsException early) {
      throw new CodecException("ends too early, after " + bytes.length() + " bytes", early);
    }
  }

  private static final class Reader {

    private final Buffer bytes;
    private int at = HEADER;

    Reader(Buffer bytes) {
      this.bytes = bytes;
    }

    DnsMessage message() {
      int flags = bytes.getUnsignedShort(2);
      int questions = count(4);
      int answers = count(6);
      int authorities = count(8);
      int additional = count(10);
      List<Question> asked = new ArrayList<>();
      for (int i = 0; i < questions; i++) {
        String name = name();
        int type = bytes.getUnsignedShort(at);
        int kind = bytes.getUnsignedShort(at + 2);
        at += 4;
        asked.add(new Question(name, type, (kind & TOP_BIT) != 0));
      }
      List<DnsRecord> records = new ArrayList<>();
      for (int i = 0; i < answers + authorities + additional; i++) {
        boolean said = i < answers || i >= answers + authorities;
        record(said ? records : new ArrayList<>(1));
      }
      return new DnsMessage(
          bytes.getUnsignedShort(0), (flags & TOP_BIT) != 0, asked, List.copyOf(records));
    }

    private int count(int offset) {
      int count = bytes.getUnsignedShort(offset);
      if (count > MOST_RECORDS) {
        throw new CodecException(count + " records (expected: at most " + MOST_RECORDS + ")", null);
      }
      return count;
    }

    private void record(List<DnsRecord> records) {
      String name = name();
      int type = bytes.getUnsignedShort(at);
      long ttl = bytes.getUnsignedInt(at + 4);
      int length = bytes.getUnsignedShort(at + 8);
      at += 10;
      int end = at + length;
      if (end > bytes.length()) {
        throw new CodecException("a record ends after the message", null);
      }
      switch (type) {
        case PTR -> records.add(DnsRecord.ptr(name, ttl, name()));
        case SRV -> {
          int port = bytes.getUnsignedShort(at + 4);
          at += 6;
          records.add(DnsRecord.srv(name, ttl, name(), port));
        }
        case A, AAAA -> {
          if (length == (type == A ? 4 : 16)) {
            records.add(DnsRecord.address(name, ttl, bytes.getBytes(at, end)));
          }
        }
        case TXT -> records.add(DnsRecord.txt(name, ttl, text(end)));
        default -> {} // Nothing that we need.
      }
      at = end;
    }

    private Buffer text(int end) {
      Buffer text = Buffer.buffer();
      while (at < end) {
        int length = bytes.getUnsignedByte(at);
        if (at + 1 + length > end) {
          throw new CodecException("a text ends after its record", null);
        }
        text.appendBuffer(bytes, at + 1, length);
        at += 1 + length;
      }
      return text;
    }

    /** Reads a name where it stands and goes to what follows it. */
    private String name() {
      StringBuilder name = new StringBuilder();
      int next = -1;
      int from = at;
      int limit = at;
      while (true) {
        int length = bytes.getUnsignedByte(from);
        if ((length & 0xc0) == 0xc0) {
          int to = bytes.getUnsignedShort(from) & 0x3fff;
          next = next < 0 ? from + 2 : next;
          if (to >= limit) {
            throw new CodecException("a name points forwards", null);
          }
          limit = to;
          from = to;
        } else if ((length & 0xc0) != 0) {
          throw new CodecException("a label of an unknown kind", null);
        } else if (length == 0) {
          at = next < 0 ? from + 1 : next;
          return name.toString();
        } else {
          if (name.length() + length > MOST_NAME) {
            throw new CodecException("a name of more than 255 bytes", null);
          }
          name.append(name.isEmpty() ? "" : ".")
              .append(bytes.getString(from + 1, from + 1 + length, "UTF-8"));
          from += 1 + length;
        }
      }
    }
  }

  /** Returns the bytes. */
  Buffer write() {
    Buffer out = Buffer.buffer(512);
    out.appendUnsignedShort(id).appendUnsignedShort(response ? RESPONSE : 0);
    out.appendUnsignedShort(questions.size()).appendUnsignedShort(records.size());
    out.appendUnsignedShort(0).appendUnsignedShort(0);
    for (Question question : questions) {
      writeName(out, question.name());
      out.appendUnsignedShort(question.type());
      out.appendUnsignedShort(question.unicast() ? IN | TOP_BIT : IN);
    }
    records.forEach(record -> write(out, record));
    return out;
  }

  private static void write(Buffer out, DnsRecord record) {
    writeName(out, record.name());
    out.appendUnsignedShort(record.type()).appendUnsignedShort(IN);
    out.appendUnsignedInt(record.ttl());
    Buffer data = Buffer.buffer();
    switch (record.type()) {
      case PTR -> writeName(data, record.target());
      case SRV -> {
        data.appendUnsignedShort(PRIORITY).appendUnsignedShort(WEIGHT);
        data.appendUnsignedShort(record.port());
        writeName(data, record.target());
      }
      case TXT -> writeText(data, record.data());
      default -> data.appendBuffer(record.data());
    }
    out.appendUnsignedShort(data.length()).appendBuffer(data);
  }

  private static void writeName(Buffer out, String name) {
    for (String label : name.split("\\.")) {
      byte[] bytes = label.getBytes(UTF_8);
      out.appendUnsignedByte((short) bytes.length).appendBytes(bytes);
    }
    out.appendUnsignedByte((short) 0);
  }

  private static void writeText(Buffer out, Buffer text) {
    int from = 0;
    do {
      int length = Math.min(MOST_STRING, text.length() - from);
      out.appendUnsignedByte((short) length).appendBuffer(text, from, length);
      from += length;
    } while (from < text.length());
  }
}

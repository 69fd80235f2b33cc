// SPDX-License-Identifier: Apache-2.0
package dev.vertxmicro.errors;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The trailer in which go-micro servers send their error next to the gRPC status: a {@code
 * google.rpc.Status} with the error packed into one of its details.
 *
 * <pre>
 * Status { int32 code = 1; string message = 2; repeated Any details = 3; }
 * Any    { string type_url = 1; bytes value = 2; }
 * Error  { string id = 1; int32 code = 2; string detail = 3; string status = 4; }
 * </pre>
 *
 * <p>Needs protobuf-java, which every gRPC transport brings. The messages are read by hand, since
 * generated classes of {@code google.rpc.Status} would be one more dependency.
 */
public final class StatusDetails {

  /** The name of the trailer. */
  public static final String HEADER = "grpc-status-details-bin";

  /** The most bytes that are read; longer details are passed over. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final String ERROR_TYPE = "type.googleapis.com/errors.Error";

  private StatusDetails() {}

  /**
   * Returns the bytes of the trailer's value, Base64 with or without padding; null if there is no
   * value, or it is not Base64, or its bytes would be more than {@link #MAX_BYTES}.
   */
  public static byte @Nullable [] fromHeader(@Nullable String value) {
    if (value == null || value.length() > MAX_BYTES / 3 * 4 + 4) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException garbage) {
      return null;
    }
  }

  /**
   * Returns the first {@code errors.Error} among the details, or null if there is none. Details of
   * other types are passed over. What cannot be read counts as none: the status and its message
   * still say what failed.
   */
  public static @Nullable RpcError find(byte[] details) {
    if (details.length > MAX_BYTES) {
      return null;
    }
    try {
      CodedInputStream status = CodedInputStream.newInstance(details);
      RpcError found = null;
      for (int tag = status.readTag(); tag != 0; tag = status.readTag()) {
        if (tag == tag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED) && found == null) {
          found = readAny(status.readByteArray());
        } else {
          status.skipField(tag);
        }
      }
      return found;
    } catch (IOException garbage) {
      return null;
    }
  }

  private static @Nullable RpcError readAny(byte[] bytes) throws IOException {
    CodedInputStream any = CodedInputStream.newInstance(bytes);
    String typeUrl = "";
    byte[] value = {};
    for (int tag = any.readTag(); tag != 0; tag = any.readTag()) {
      if (tag == tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        typeUrl = any.readString();
      } else if (tag == tag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        value = any.readByteArray();
      } else {
        any.skipField(tag);
      }
    }
    return typeUrl.equals(ERROR_TYPE) ? readError(value) : null;
  }

  private static RpcError readError(byte[] bytes) throws IOException {
    CodedInputStream error = CodedInputStream.newInstance(bytes);
    String id = "";
    int code = 0;
    String detail = "";
    String status = "";
    for (int tag = error.readTag(); tag != 0; tag = error.readTag()) {
      if (tag == tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        id = error.readString();
      } else if (tag == tag(2, WireFormat.WIRETYPE_VARINT)) {
        code = error.readInt32();
      } else if (tag == tag(3, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        detail = error.readString();
      } else if (tag == tag(4, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
        status = error.readString();
      } else {
        error.skipField(tag);
      }
    }
    return new RpcError(id, code, detail, status);
  }

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /**
   * Returns the trailer's bytes as a go-micro server writes them: the status, the error's JSON as
   * its message, and the error as its only detail.
   */
  public static byte[] encode(GrpcStatus status, RpcError error) {
    byte[] packed =
        write(
            out -> {
              writeText(out, 1, error.id());
              if (error.code() != 0) {
                out.writeInt32(2, error.code());
              }
              writeText(out, 3, error.detail());
              writeText(out, 4, error.status());
            });
    byte[] any =
        write(
            out -> {
              out.writeString(1, ERROR_TYPE);
              out.writeByteArray(2, packed);
            });
    return write(
        out -> {
          if (status != GrpcStatus.OK) {
            out.writeInt32(1, status.code());
          }
          writeText(out, 2, error.toJson());
          out.writeByteArray(3, any);
        });
  }

  /** Returns {@code details} as the trailer's value, without padding as gRPC asks for. */
  public static String toHeader(byte[] details) {
    return Base64.getEncoder().withoutPadding().encodeToString(details);
  }

  private static void writeText(CodedOutputStream out, int field, String text) throws IOException {
    if (!text.isEmpty()) {
      out.writeString(field, text);
    }
  }

  private static byte[] write(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.writeTo(out);
      out.flush();
    } catch (IOException unreachable) {
      throw new UncheckedIOException("memory does not fail", unreachable);
    }
    return bytes.toByteArray();
  }

  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }
}

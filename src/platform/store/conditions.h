#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace millrace::store {

/// The conditional headers of a read or of a copy's source.
struct ReadConditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<Time> if_modified_since;
  std::optional<Time> if_unmodified_since;
};

/// Those that a copy sets for its source.
template <class Request>
ReadConditions copy_conditions(const Request& request) {
  return {.if_match = request.copy_source_if_match,
          .if_none_match = request.copy_source_if_none_match,
          .if_modified_since = request.copy_source_if_modified_since,
          .if_unmodified_since = request.copy_source_if_unmodified_since};
}

/// S3's precedence, which is that of RFC 9110: If-Match silences If-Unmodified-Since, If-None-Match
/// silences If-Modified-Since. Throws Error(Customer) PreconditionFailed (412) or NotModified
/// (304).
void check_read(const ReadConditions& conditions, std::string_view etag, Time modified_at);
/// The same for the source of a copy, where every failure is PreconditionFailed.
void check_copy_source(const ReadConditions& conditions, std::string_view etag, Time modified_at);

/// The conditional headers of a write.
struct WriteConditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;  ///< S3 knows only "*"
};

/// Throws Error(Customer) NotImplemented for an If-None-Match other than "*".
void check_supported(const WriteConditions& conditions);
/// `etag` is that of the object now there, nullopt when there is none. Throws PreconditionFailed,
/// or NoSuchKey for an If-Match without an object.
void check_write(const WriteConditions& conditions, const std::optional<std::string>& etag);

/// Whether a header value such as `"a", W/"b"` or `*` names the entity tag; quotes may be missing.
bool names_etag(std::string_view header, std::string_view etag);

}  // namespace millrace::store

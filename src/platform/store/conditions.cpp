#include "platform/store/conditions.h"

#include <chrono>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::store {
namespace {

[[noreturn]] void refuse(std::string_view condition) {
  throw Error(
      Blame::Customer, "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold: " + std::string(condition));
}

// HTTP dates have whole seconds.
Time to_the_second(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

bool is_match(const ReadConditions& conditions, std::string_view etag, Time modified_at) {
  if (conditions.if_match) return names_etag(*conditions.if_match, etag);
  return !conditions.if_unmodified_since ||
         to_the_second(modified_at) <= *conditions.if_unmodified_since;
}

bool is_news(const ReadConditions& conditions, std::string_view etag, Time modified_at) {
  if (conditions.if_none_match) return !names_etag(*conditions.if_none_match, etag);
  return !conditions.if_modified_since ||
         to_the_second(modified_at) > *conditions.if_modified_since;
}

}  // namespace

void check_read(const ReadConditions& conditions, std::string_view etag, Time modified_at) {
  if (!is_match(conditions, etag, modified_at))
    refuse(conditions.if_match ? "If-Match" : "If-Unmodified-Since");
  if (!is_news(conditions, etag, modified_at))
    throw Error(Blame::Customer, "NotModified", "Not Modified");
}

void check_copy_source(const ReadConditions& conditions, std::string_view etag, Time modified_at) {
  if (!is_match(conditions, etag, modified_at)) {
    refuse(conditions.if_match ? "x-amz-copy-source-If-Match"
                               : "x-amz-copy-source-If-Unmodified-Since");
  }
  if (!is_news(conditions, etag, modified_at)) {
    refuse(conditions.if_none_match ? "x-amz-copy-source-If-None-Match"
                                    : "x-amz-copy-source-If-Modified-Since");
  }
}

void check_supported(const WriteConditions& conditions) {
  if (conditions.if_none_match && trim(*conditions.if_none_match) != "*") {
    throw Error(Blame::Customer, "NotImplemented",
                "A header you provided implies functionality that is not implemented: "
                "If-None-Match of a write takes "
                "only \"*\"");
  }
}

void check_write(const WriteConditions& conditions, const std::optional<std::string>& etag) {
  if (conditions.if_none_match && etag) refuse("If-None-Match");
  if (!conditions.if_match) return;
  if (!etag) throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
  if (!names_etag(*conditions.if_match, *etag)) refuse("If-Match");
}

bool names_etag(std::string_view header, std::string_view etag) {
  for (std::string_view entry : split(header, ',')) {
    entry = trim(entry);
    if (entry == "*") return true;
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry.size() >= 2 && entry.front() == '"' && entry.back() == '"')
      entry = entry.substr(1, entry.size() - 2);
    if (entry == etag) return true;
  }
  return false;
}

}  // namespace millrace::store

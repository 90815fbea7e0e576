#include "platform/runner/daemon.h"

#include "core/base/access_point.h"
#include "core/base/error.h"

namespace millrace::runner {

ObjectName parse_s3_uri(std::string_view uri, std::string_view what) {
  constexpr std::string_view kScheme = "s3://";
  const std::string_view rest =
      uri.starts_with(kScheme) ? uri.substr(kScheme.size()) : std::string_view();
  const std::size_t slash = bucket_length(rest);
  if (slash == 0) {
    throw Error(Blame::Customer, Problem{.where = std::string(what),
                                         .given = std::string(uri),
                                         .expected = "an S3 URI such as s3://bucket/prefix",
                                         .fix = {}});
  }
  return {.bucket = std::string(rest.substr(0, slash)),
          .key = std::string(slash < rest.size() ? rest.substr(slash + 1) : std::string_view())};
}

void Daemon::get(const ObjectRange& range, ByteSink& sink) {
  const auto got = static_cast<std::int64_t>(copy(*open(range), sink));
  if (got != range.length) {
    throw Error(Blame::Platform, "the answer for " + range.object.uri() + " has " +
                                     std::to_string(got) + " bytes instead of " +
                                     std::to_string(range.length));
  }
}

}  // namespace millrace::runner

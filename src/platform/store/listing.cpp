#include "platform/store/listing.h"

#include "platform/records/objects.h"

namespace millrace::store {

std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter) {
  if (delimiter.empty()) return {};
  const std::size_t at = key.find(delimiter, prefix.size());
  return at == std::string_view::npos ? std::string_view() : key.substr(0, at + delimiter.size());
}

std::string first_key_after(std::string_view after, std::string_view prefix,
                            std::string_view delimiter) {
  if (after < prefix || after.empty()) return std::string(prefix);
  if (after.starts_with(prefix)) {
    const std::string_view rolled_up = common_prefix(after, prefix, delimiter);
    if (!rolled_up.empty()) return records::after_prefix(rolled_up);
  }
  return std::string(after) + '\0';
}

Listing list_page(records::Connection& connection, const ListQuery& query) {
  Listing page;
  if (query.limit <= 0) return page;
  const std::string before = records::after_prefix(query.prefix);
  std::string from = first_key_after(query.after, query.prefix, query.delimiter);
  if (!before.empty() && from >= before) return page;
  using Kind = records::ScanStep::Kind;
  records::ObjectTable(connection)
      .scan(query.bucket, std::move(from), before,
            [&](const records::ObjectEntry& entry) -> records::ScanStep {
              if (static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size()) ==
                  query.limit) {
                page.truncated = true;
                return {.kind = Kind::Stop};
              }
              const std::string_view rolled_up =
                  common_prefix(entry.key, query.prefix, query.delimiter);
              if (!rolled_up.empty()) {
                page.common_prefixes.emplace_back(rolled_up);
                page.last = rolled_up;
                std::string next = records::after_prefix(rolled_up);
                if (next.empty()) return {.kind = Kind::Stop};
                return {.kind = Kind::Seek, .from = std::move(next)};
              }
              page.last = entry.key;
              page.objects.push_back({.key = std::string(entry.key),
                                      .size = entry.size,
                                      .modified_at = entry.modified_at,
                                      .etag = std::string(entry.etag),
                                      .checksum = std::string(entry.checksum),
                                      .content = std::string(entry.content)});
              return {};
            });
  return page;
}

}  // namespace millrace::store

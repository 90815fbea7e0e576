#include "platform/jobs/object_lookup.h"

#include "platform/records/buckets.h"
#include "platform/records/objects.h"
#include "platform/records/outposts.h"

namespace millrace::jobs {

ObjectLookup own_objects(records::Database& database, ObjectLookup::Beginning beginning) {
  return {.has_bucket =
              [&database](const std::string& bucket) {
                return database.read([&](records::Connection& connection) {
                  return records::BucketTable(connection)
                      .find(records::store_bucket(connection, bucket))
                      .has_value();
                });
              },
          .first_key =
              [&database](const std::string& bucket, const std::string& prefix,
                          const std::string& from) {
                return database.read([&](records::Connection& connection) {
                  std::optional<std::string> found;
                  records::ObjectTable(connection)
                      .scan(records::store_bucket(connection, bucket), from,
                            records::after_prefix(prefix), [&](const records::ObjectEntry& entry) {
                              found = std::string(entry.key);
                              return records::ScanStep{.kind = records::ScanStep::Kind::Stop,
                                                       .from = {}};
                            });
                  return found;
                });
              },
          .beginning =
              [&database, beginning = std::move(beginning)](
                  const aws::Caller& caller, const std::string& bucket, const std::string& key,
                  std::size_t max_bytes) {
                return beginning(caller, database.read([&](records::Connection& connection) {
                  return records::store_bucket(connection, bucket);
                }),
                                 key, max_bytes);
              }};
}

}  // namespace millrace::jobs

#include "platform/jobs/object_lister.h"

#include "platform/records/buckets.h"
#include "platform/records/objects.h"

namespace millrace::jobs {

ObjectLister own_objects(records::Database& database) {
  return {.has_bucket =
              [&database](const std::string& bucket) {
                return database.read([&](records::Connection& connection) {
                  return records::BucketTable(connection).find(bucket).has_value();
                });
              },
          .has_object =
              [&database](const std::string& bucket, const std::string& prefix) {
                return database.read([&](records::Connection& connection) {
                  bool found = false;
                  records::ObjectTable(connection)
                      .scan(bucket, prefix, records::after_prefix(prefix),
                            [&](const records::ObjectEntry&) {
                              found = true;
                              return records::ScanStep{.kind = records::ScanStep::Kind::Stop,
                                                       .from = {}};
                            });
                  return found;
                });
              }};
}

}  // namespace millrace::jobs

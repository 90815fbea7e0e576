#include "platform/records/migrations.h"

#include <set>
#include <string>

#include "core/base/error.h"
#include "core/base/time.h"
#include "platform/records/channel_schema.h"
#include "platform/records/connection.h"
#include "platform/records/console_schema.h"
#include "platform/records/container_schema.h"
#include "platform/records/control_schema.h"
#include "platform/records/expiry_schema.h"
#include "platform/records/file_system_schema.h"
#include "platform/records/hosting_schema.h"
#include "platform/records/list_schema.h"
#include "platform/records/metric_bucket_schema.h"
#include "platform/records/metric_schema.h"
#include "platform/records/outpost_schema.h"
#include "platform/records/residency_schema.h"
#include "platform/records/run_schema.h"
#include "platform/records/store_schema.h"
#include "platform/records/supervisor_schema.h"
#include "platform/records/transform_schema.h"
#include "platform/records/user_schema.h"

namespace millrace::records {

const std::vector<Migration>& all_migrations() {
  static const std::vector<Migration> migrations = {
      {1, kStoreSchema},           {2, kControlSchema},
      {3, kFileSystemSchema},      {4, kSupervisorSchema},
      {5, kFileSystemCountSchema}, {6, kExpirySchema},
      {7, kMetricSchema},          {8, kUserSchema},
      {9, kHostingSchema},         {10, kTransformSchema},
      {11, kContainerSchema},      {12, kOutpostSchema},
      {13, kResidencySchema},      {14, kMetricBucketSchema},
      {15, kConsoleSchema},        {16, kListSchema},
      {17, kChannelSchema},        {18, kRunSchema},
  };
  return migrations;
}

void apply_migrations(Connection& writer, const std::vector<Migration>& migrations) {
  writer.execute(
      "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at BIGINT NOT "
      "NULL)");
  // By version and not by the newest: a step with a lower number may have been released later.
  std::set<std::int64_t> seen;
  {
    auto versions = writer.prepare("SELECT version FROM migrations");
    while (versions.step()) seen.insert(versions.integer(0));
  }
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
  if (!seen.empty() && *seen.rbegin() > known) {
    throw Error(Blame::Platform,
                "the database has schema version " + std::to_string(*seen.rbegin()) +
                    ", this Millrace knows " + "versions up to " + std::to_string(known) +
                    ". Start the newer version again, or restore a copy of the data directory.");
  }
  for (const Migration& migration : migrations) {
    if (seen.contains(migration.version)) continue;
    writer.execute("BEGIN IMMEDIATE");
    try {
      writer.execute(migration.sql);
      writer.prepare("INSERT INTO migrations (version, applied_at) VALUES ($1, $2)")
          .bind(migration.version, now())
          .run();
      writer.execute("COMMIT");
    } catch (...) {
      writer.roll_back();
      throw;
    }
  }
}

}  // namespace millrace::records

#pragma once

#include <vector>

namespace millrace::records {

class Connection;

/// A step from one version of the schema to the next. Once released it never changes; corrections
/// are later steps.
struct Migration {
  int version = 0;            ///< rising
  const char* sql = nullptr;  ///< statements separated by ';'
};

/// Every step, oldest first; the tables' own files declare the SQL, migrations.cpp orders it.
const std::vector<Migration>& all_migrations();

/// Applies the steps the database has not seen, each in a transaction of its own. Throws
/// Error(Platform) when the database was written by a newer version.
void apply_migrations(Connection& writer, const std::vector<Migration>& migrations);

}  // namespace millrace::records

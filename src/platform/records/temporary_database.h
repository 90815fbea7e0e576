#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "platform/records/database.h"

namespace millrace::records {

/// For tests: a database with every table in a directory of its own, both gone with the object.
class TemporaryDatabase {
 public:
  TemporaryDatabase() : directory_(make_directory()), database_(directory_ / "records.db") {}
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;
  ~TemporaryDatabase() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] Database& database() { return database_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  static std::filesystem::path make_directory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-test-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory_;
  Database database_;
};

}  // namespace millrace::records

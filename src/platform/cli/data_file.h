#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "codec/gzip.h"
#include "core/data/content_types.h"
#include "core/data/row_stream.h"
#include "core/io/file.h"
#include "core/io/progress.h"

namespace CLI {
class App;
}

namespace millrace::cli {

/// What every verb that reads a data file lets its user say.
struct DataFileOptions {
  std::filesystem::path file;
  std::string from;  ///< format by name or content type; empty: by the extension
  std::optional<std::int64_t> label_size;
  std::int64_t index_base = 1;
  std::optional<std::int64_t> columns;
};

/// Adds FILE, --from, --label-size, --index-base and --columns. `options` must outlive the app.
void add_data_file_options(CLI::App& verb, DataFileOptions& options);

/// What a name ("csv"), a content type ("text/csv;label_size=0") or else the extension of `file`
/// says. Throws Error(Customer) naming `option` when none does.
ContentType choose_format(const std::string& given, const std::filesystem::path& file,
                          const std::string& option);

/// The options of a row reader; label_size of the content type counts unless --label-size is given.
RowOptions row_options(const DataFileOptions& options, const ContentType& type);

/// A file that is read with a progress bar, unpacked on the way when its name ends in .gz.
class InputFile {
 public:
  /// Throws Error(Customer) when there is no such file, Error(Platform) when it cannot be read.
  explicit InputFile(const std::filesystem::path& path);
  ByteSource& source();

 private:
  FdSource file_;
  Progress progress_;
  ProgressSource counted_;
  std::unique_ptr<GzipSource> unpacked_;
};

}  // namespace millrace::cli

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/io/partial_output.h"
#include "platform/runner/daemon.h"

namespace millrace::cli {

/// Whether the text names something in S3.
bool is_s3_uri(const std::string& text);

/// Where the data of a channel lies, as DescribeTrainingJob has it.
struct S3Source {
  std::string type = "S3Prefix";  ///< or ManifestFile
  std::string uri;
};

/// Objects that a command needs as files. They go into a folder of their own, which is removed with
/// this object and when the command is ended by Ctrl-C. Where the store is on this machine they are
/// links to its files and cost nothing.
class FetchedFiles {
 public:
  /// The daemon is first spoken to when something is to be fetched.
  explicit FetchedFiles(std::filesystem::path data_dir);

  /// Whether anything has been fetched.
  [[nodiscard]] bool any() const { return folder_.has_value(); }

  /// A path as it is; of an S3 URI the object, as a file of the same name. Throws Error(Customer)
  /// naming `option` where there is none.
  std::filesystem::path file(const std::string& path_or_uri, const std::string& option);

  /// All that the source delivers, in a folder; a single object as that file.
  std::filesystem::path objects(const S3Source& source, const std::string& option);

  /// An augmented manifest (of this machine or in S3) as a file whose name ends in .manifest, with
  /// what its `attributes` refer to: s3://bucket/a/1.jpg is the file s3:/bucket/a/1.jpg below its
  /// folder, so that the manifest serves as it is.
  std::filesystem::path manifest(const std::string& path_or_uri,
                                 const std::vector<std::string>& attributes,
                                 const std::string& option);

 private:
  /// A folder of its own below the one that is removed.
  std::filesystem::path next_folder(const std::string& name);

  std::filesystem::path data_dir_;
  runner::ConnectDaemon connect_;
  std::optional<PartialOutput> folder_;
  int folders_ = 0;
};

}  // namespace millrace::cli

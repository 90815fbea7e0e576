#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/fd.h"
#include "core/base/keyed_mutex.h"
#include "core/io/byte_source.h"
#include "platform/aws/dispatch.h"
#include "platform/catalog/file_systems.h"
#include "platform/console/call.h"
#include "platform/console/preview/place.h"

namespace millrace::console {

/// A file that is open for reading, wherever it lies; it stays readable when it is replaced.
struct OpenFile {
  std::shared_ptr<const Fd> file;
  std::uint64_t offset = 0;  ///< where in `file` it begins
  std::uint64_t size = 0;
  std::string version;  ///< changes with the content
  std::string type;     ///< of an object, as it was stored

  /// At most `max_bytes` from `from` on.
  [[nodiscard]] std::string read(std::uint64_t from, std::size_t max_bytes) const;
  /// All of it, as a stream; valid as long as this is.
  [[nodiscard]] std::unique_ptr<ByteSource> stream() const;
};

/// Files of users, read and written as the caller: objects by the operations of S3 themselves,
/// files of registered file systems below their root, where no link leads out.
class UserFiles {
 public:
  /// All must outlive this.
  UserFiles(const aws::Dispatch& dispatch, const catalog::FileSystems& file_systems, Permit permit)
      : dispatch_(dispatch), file_systems_(file_systems), permit_(std::move(permit)) {}

  /// Throws Error(Customer) naming the place when there is none (ResourceNotFoundException) or the
  /// caller may not (AccessDeniedException).
  [[nodiscard]] OpenFile open(Call& call, const Place& place) const;
  /// The whole of a file of at most `max_bytes`.
  [[nodiscard]] std::string read(Call& call, const Place& place, std::size_t max_bytes) const;
  /// Replaces the file, whole or not at all, if it is still the one of `version` (empty: if there
  /// is none). Throws Error(Customer, Conflict) when it is another by now.
  void write(Call& call, const Place& place, const std::string& bytes,
             const std::string& version) const;

 private:
  [[nodiscard]] OpenFile open_object(Call& call, const Place& place) const;
  [[nodiscard]] OpenFile open_file(Call& call, const Place& place) const;
  void write_object(Call& call, const Place& place, const std::string& bytes,
                    const std::string& version) const;
  void write_file(Call& call, const Place& place, const std::string& bytes,
                  const std::string& version) const;
  http::Response s3(Call& call, const Place& place, const char* method, const std::string& body,
                    const http::Headers& headers) const;
  [[nodiscard]] records::FileSystemRow file_system(const Place& place) const;

  const aws::Dispatch& dispatch_;
  const catalog::FileSystems& file_systems_;
  const Permit permit_;
  mutable KeyedMutex writes_;  ///< of files in file systems, by place
};

/// What changed a file meanwhile; answered with 409.
[[noreturn]] void refuse_conflict(const std::string& message);

}  // namespace millrace::console

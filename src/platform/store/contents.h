#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "core/io/byte_source.h"

namespace millrace::store {

class Contents;

/// A content file being made. It has a name under objects/tmp/ until a durable row refers to it;
/// without keep() the destructor removes every trace.
class NewContent final : public ByteSink {
 public:
  NewContent(NewContent&& other) noexcept;
  NewContent& operator=(NewContent&&) = delete;
  NewContent(const NewContent&) = delete;
  NewContent& operator=(const NewContent&) = delete;
  ~NewContent() override;

  /// The content's name for rows; never used twice.
  [[nodiscard]] const std::string& id() const { return id_; }

  /// Appends. Throws Error(Platform, InsufficientStorage) when the disk is full.
  void write(std::span<const char> bytes) override;
  /// Appends part of another file; shares its blocks where the file system can. Throws as write().
  void append(int fd, std::int64_t offset, std::int64_t length);

  /// Gives the file its final name and returns once bytes and name survive a power cut. Concurrent
  /// callers share the directory's sync.
  void make_durable();
  /// A durable row refers to the content from now on.
  void keep();
  /// Nobody can tell whether a durable row refers to it: the next start finds out.
  void leave_to_recovery() { contents_ = nullptr; }

 private:
  friend class Contents;
  NewContent(Contents& contents, std::string id, Fd fd);

  /// False when the file system cannot let two files share blocks (here).
  bool share(int fd, std::int64_t offset, std::int64_t length);

  Contents* contents_;  ///< null once moved from
  std::string id_;
  Fd fd_;  ///< empty for a content that is a further name of an existing file
  std::int64_t written_ = 0;
  std::int64_t flushing_ = 0;  ///< bytes whose write-back has been started
};

/// The objects' bytes: one write-once file per content, `<root>/<2 hex digits>/<32 hex digits>`.
///
/// A file that was published is never changed again; it is unlinked when no row needs it, which
/// neither disturbs who has it open nor who holds a further hard link to it. `<root>/tmp/<id>`
/// marks a content whose row may not be durable yet; recover() looks at nothing else, so that it
/// takes no longer with ten million objects than with ten.
class Contents {
 public:
  explicit Contents(const std::filesystem::path& root);

  /// What recover() needs to know of the rows; `is_referenced` is asked once, with every doubtful
  /// content.
  using Referenced =
      std::function<std::vector<std::string>(const std::vector<std::string>& candidates)>;

  /// To be called once, before anything is written: removes what a killed daemon was making.
  /// `unreferenced` are contents whose rows are gone.
  void recover(const std::vector<std::string>& unreferenced, const Referenced& referenced);

  /// Throws Error(Platform, InsufficientStorage) right away when `expected_bytes` cannot fit.
  NewContent create(std::optional<std::uint64_t> expected_bytes);
  /// A further name for an existing content, without copying bytes; nullopt when that has been
  /// removed meanwhile.
  std::optional<NewContent> link(std::string_view id);

  /// For reading; nullopt when the content has been removed meanwhile.
  std::optional<Fd> open(std::string_view id) const;
  [[nodiscard]] std::filesystem::path path(std::string_view id) const;
  /// Unlinks a content that no row refers to any more. A missing one is not an error.
  void remove(std::string_view id) noexcept;

 private:
  friend class NewContent;

  /// One directory's sync, shared by all who have renamed something into it since the last one
  /// began.
  struct SharedSync {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t requested = 0;
    std::uint64_t synced = 0;
    std::uint64_t failed = 0;
    bool running = false;
  };

  static constexpr std::size_t kDirectories = 256;

  std::string next_id();
  [[nodiscard]] std::filesystem::path temporary_path(std::string_view id) const;
  /// Links the temporary name to the final one.
  void give_name(std::string_view id);
  void sync_directory_of(std::string_view id);

  std::filesystem::path root_;
  std::atomic<std::uint64_t> created_ = 0;
  std::array<SharedSync, kDirectories> syncs_;
};

}  // namespace millrace::store

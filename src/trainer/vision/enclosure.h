#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace millrace {

/// Looks at files below one directory and sees to it that they really lie there: not by way of
/// '..', as an absolute path or through a link that leads out.
class Enclosure {
 public:
  enum class Verdict { File, Missing, Outside };
  struct Found {
    Verdict verdict = Verdict::Missing;
    std::int64_t bytes = 0;
  };

  /// Throws std::filesystem::filesystem_error where there is no such directory.
  explicit Enclosure(const std::filesystem::path& root);

  Found look(const std::filesystem::path& relative);

 private:
  const std::optional<std::filesystem::path>& resolved_folder(
      const std::filesystem::path& relative);
  [[nodiscard]] bool holds(const std::filesystem::path& real) const;

  std::filesystem::path root_;
  /// Folders are few and files are many: a folder's links are followed once.
  std::unordered_map<std::string, std::optional<std::filesystem::path>> folders_;
};

}  // namespace millrace

#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "platform/catalog/image_name.h"
#include "platform/catalog/program.h"

namespace millrace::catalog {

/// A family of Amazon's framework containers, which run scripts of their users (script mode).
struct Framework {
  std::string_view name;                  ///< as src/toolkit calls it: "pytorch"
  std::string_view summary;               ///< for `millrace images list`
  std::vector<std::string_view> modules;  ///< Python modules without which it is nothing
};

/// Framework images of every account, region and tag, all run by src/toolkit on this machine's own
/// Python: what a tag promises of versions does not hold here, and the job's log says what does.
class FrameworkImages {
 public:
  struct Toolkit {
    std::filesystem::path launcher;  ///< run.py, absolute; empty when it is not installed
    std::filesystem::path wheels;    ///< the operator's wheels, absolute; need not exist
    /// Which Python modules of interest this machine has. Starts a process.
    std::function<std::set<std::string>()> modules;
  };

  /// Without a toolkit every framework image is refused.
  explicit FrameworkImages(Toolkit toolkit = {}) : toolkit_(std::move(toolkit)) {}

  /// By the repository alone; nullptr for others, and for frameworks that are not served here.
  [[nodiscard]] static const Framework* find(const ImageName& image);
  /// Whether the name is that of a framework of Amazon's which is not served here.
  [[nodiscard]] static bool is_refused(const ImageName& image);
  /// Every repository that find() knows, with its framework.
  [[nodiscard]] static std::vector<std::pair<std::string, const Framework*>> all();

  /// Throws Error(Customer, ValidationException) when this machine cannot run it, saying what to
  /// install. `where` is the request's member, `image` its value.
  void check(const Framework& framework, const std::string& where, const std::string& image) const;

  [[nodiscard]] Program program(const Framework& framework, const ImageName& image,
                                const ProgramOrder& order) const;

 private:
  [[nodiscard]] bool has_all(const std::vector<std::string_view>& modules) const;

  const Toolkit toolkit_;
  mutable Guarded<std::set<std::string>> found_;  ///< modules: what was there stays there
};

}  // namespace millrace::catalog

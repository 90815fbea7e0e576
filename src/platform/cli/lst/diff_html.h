#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/lists/diff.h"
#include "platform/cli/lst/image_root.h"

namespace millrace::cli {

struct DiffHtmlOptions {
  ImageRoot* images = nullptr;       ///< null: a page without pictures
  std::int64_t most_pictures = 200;  ///< of the whole page
  std::int64_t most_rows = 1000;     ///< of each kind of change of a comparison
  std::int64_t edge = 96;            ///< of a picture, in pixels
};

/// Differences of lists as one page that needs nothing else: its pictures are in it, it has no
/// script, and its policy forbids a browser to fetch anything.
class DiffHtml {
 public:
  explicit DiffHtml(DiffHtmlOptions options) : options_(options) {}
  void add(std::string_view before_name, std::string_view after_name, const lists::Diff& diff);
  /// The page; to be called once.
  std::string take();

 private:
  template <class Meant>
  void section(std::string_view title, const lists::Diff& diff, const Meant& meant);
  void row(const lists::Change& change);
  std::string picture(std::string_view path);

  DiffHtmlOptions options_;
  std::string body_;
  std::int64_t pictures_ = 0;
  std::int64_t left_out_ = 0;  ///< pictures beyond the most there may be
};

}  // namespace millrace::cli

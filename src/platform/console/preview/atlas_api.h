#pragma once

#include <atomic>
#include <semaphore>

#include "platform/console/call.h"
#include "platform/console/lists/draft_api.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/preview/user_files.h"

namespace millrace::console {

/// GET /mr/atlas: thumbnails of up to a hundred pictures as one JPEG. Which pictures:
///
///     ?list=7@3&root=s3://data/photos/&where=&sort=&order=&from=0&n=100   rows of a list
///     ?draft=ID&root=...                                                  rows of a draft
///     ?root=...&path=a.jpg&path=b.jpg                                     files by name
///     ?rec=s3://data/train.rec&from=0&n=100                               records of a .rec file
///
/// `size` is the edge of a thumbnail's square, 96 unless said. The header X-Millrace-Rectangles has
/// "x y width height" of each, separated by commas; 0 0 for a picture that cannot be read. The ETag
/// follows from the pictures, so that a browser keeps what has not changed.
class AtlasApi {
 public:
  AtlasApi(const UserFiles& files, ListVersions& versions, DraftApi& drafts, RowPages& pages)
      : files_(files), versions_(versions), drafts_(drafts), pages_(pages) {}

  http::Response atlas(Call& call);

 private:
  /// Making thumbnails takes cores and memory: few at once, some wait, and who comes then is told
  /// to come again, so that they take a part of the daemon's workers only.
  static constexpr int kAtWork = 2;
  static constexpr int kMaxAsked = 16;
  class Seat;

  http::Response of_files(Call& call, const std::vector<std::string>& paths) const;
  http::Response of_records(Call& call) const;
  std::vector<std::string> listed_paths(Call& call);

  const UserFiles& files_;
  ListVersions& versions_;
  DraftApi& drafts_;
  RowPages& pages_;
  std::counting_semaphore<> at_work_{kAtWork};
  std::atomic<int> asked_{0};
};

}  // namespace millrace::console

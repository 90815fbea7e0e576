#include "platform/console/preview/atlas_api.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/lst.h"
#include "core/data/recordio.h"
#include "platform/aws/authenticate.h"
#include "platform/console/preview/atlas.h"
#include "platform/console/preview/record_hop.h"

namespace millrace::console {
namespace {

constexpr std::int64_t kMaxPictures = 100;
constexpr std::int64_t kDefaultEdge = 96;
constexpr std::int64_t kMaxEdge = 512;
constexpr std::size_t kMaxPictureBytes = std::size_t{64} << 20;

std::int64_t edge_of(const Call& call) {
  return call.number("size", kDefaultEdge, 16, kMaxEdge);
}

http::Response not_modified(const std::string& etag) {
  http::Response response;
  response.status = 304;
  response.headers.add("ETag", etag);
  return response;
}

http::Response answer(Call& call, std::size_t count, const std::string& identity,
                      const Picture& picture) {
  const std::int64_t edge = edge_of(call);
  const std::string etag =
      '"' + aws::payload_hash(identity + "/" + std::to_string(edge)).substr(0, 32) + '"';
  if (call.request.headers.find("If-None-Match") == etag) return not_modified(etag);
  const Atlas atlas = make_atlas(count, edge, picture);
  http::Response response;
  std::string places;
  for (const AtlasPlace& place : atlas.places) {
    if (!places.empty()) places += ',';
    places += std::to_string(place.x) + " " + std::to_string(place.y) + " " +
              std::to_string(place.width) + " " + std::to_string(place.height);
  }
  response.headers.add("Content-Type", "image/jpeg");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "private, no-cache");
  response.headers.add("ETag", etag);
  response.headers.add("X-Millrace-Rectangles", places);
  if (atlas.jpeg.empty()) response.status = 204;
  response.body = atlas.jpeg;
  return response;
}

}  // namespace

std::vector<std::string> AtlasApi::listed_paths(Call& call) {
  std::vector<std::string> paths;
  for (const auto& [name, value] : call.query) {
    if (name == "path") paths.push_back(value);
  }
  if (!paths.empty()) return paths;
  const auto take = [&](const ShownRows& shown) {
    const RowPages::Meant meant = pages_.meant(call, shown);
    const auto total = static_cast<std::int64_t>(meant.rows.size());
    const std::int64_t from = std::min(call.number("from", 0, 0, std::int64_t{1} << 40), total);
    const std::int64_t until =
        std::min(from + call.number("n", kMaxPictures, 1, kMaxPictures), total);
    for (std::int64_t i = from; i < until; ++i)
      paths.emplace_back(meant.rows[static_cast<std::size_t>(i)].path);
  };
  if (!call.text("draft").empty()) {
    const std::string id(call.text("draft"));
    const auto held = drafts_.lock(id);
    take(DraftApi::shown_rows(drafts_.worked(call, id)));
  } else {
    const ListVersions::Named named = versions_.named(call, call.text("list"));
    take(shown_rows(named));
  }
  return paths;
}

http::Response AtlasApi::of_files(Call& call, const std::vector<std::string>& paths) const {
  const Place root = Place::parse(call.text("root"), "query parameter 'root'");
  // Opened first, one by one: who may read what is known, and the versions make the ETag.
  std::vector<std::optional<OpenFile>> files;
  std::string identity;
  for (const std::string& path : paths) {
    std::optional<OpenFile>& file = files.emplace_back();
    if (leads_outside(path)) continue;
    try {
      file = files_.open(call, root.below(path));
      identity += path + "\n" + file->version + "\n";
    } catch (const Error& error) {
      if (error.code() != "ResourceNotFoundException") throw;
    }
  }
  return answer(call, paths.size(), identity, [&](std::size_t number) {
    const std::optional<OpenFile>& file = files[number];
    return file && file->size <= kMaxPictureBytes ? file->read(0, kMaxPictureBytes) : std::string();
  });
}

http::Response AtlasApi::of_records(Call& call) const {
  const Place place = Place::parse(call.text("rec"), "query parameter 'rec'");
  const OpenFile file = files_.open(call, place);
  const std::int64_t from = call.number("from", 0, 0, RecordHop::kMaxHeads);
  const std::int64_t count = call.number("n", kMaxPictures, 1, kMaxPictures);
  RecordHop hop([&](std::uint64_t at, std::size_t max_bytes) { return file.read(at, max_bytes); },
                file.size);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  for (std::int64_t i = 0; i < from + count; ++i) {
    const auto span = hop.next();
    if (!span) break;
    if (i >= from) spans.push_back(*span);
  }
  const std::string identity =
      file.version + "/" + std::to_string(from) + "/" + std::to_string(spans.size());
  return answer(call, spans.size(), identity, [&](std::size_t number) -> std::string {
    const auto [begin, end] = spans[number];
    if (end - begin > kMaxPictureBytes) return {};
    const std::string bytes = file.read(begin, static_cast<std::size_t>(end - begin));
    try {
      MemorySource source(bytes);
      RecordIoReader reader(source, place.text());
      const std::string_view* payload = reader.next();
      if (payload == nullptr) return {};
      return std::string(parse_image_record(*payload, place.text()).image);
    } catch (const Error&) {
      return {};  // no image record: the grid shows a gap
    }
  });
}

/// One of those whose thumbnails are made, or that wait for it, while it lives.
class AtlasApi::Seat {
 public:
  explicit Seat(AtlasApi& atlases) : atlases_(atlases) {
    if (atlases_.asked_.fetch_add(1) >= kMaxAsked) return;
    taken_ = atlases_.at_work_.try_acquire_for(kLongestWait);
  }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() {
    if (taken_) atlases_.at_work_.release();
    atlases_.asked_.fetch_sub(1);
  }
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  static constexpr std::chrono::seconds kLongestWait{20};

  AtlasApi& atlases_;
  bool taken_ = false;
};

http::Response AtlasApi::atlas(Call& call) {
  const Seat seat(*this);
  if (!seat.taken()) {
    http::Response response = refusal(503, "ServiceUnavailable",
                                      "Many thumbnails are being made. Ask again in a second.");
    response.headers.add("Retry-After", "1");
    return response;
  }
  if (!call.text("rec").empty()) return of_records(call);
  const std::vector<std::string> paths = listed_paths(call);
  if (paths.size() > static_cast<std::size_t>(kMaxPictures))
    refuse("query parameter 'path'", std::to_string(paths.size()) + " pictures",
           "at most " + std::to_string(kMaxPictures));
  return of_files(call, paths);
}

}  // namespace millrace::console

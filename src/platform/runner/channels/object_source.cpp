#include "platform/runner/channels/object_source.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/augmented_manifest.h"
#include "core/data/s3_manifest.h"
#include "platform/runner/channels/object_listing.h"

namespace millrace::runner {
namespace {

using wire::control::LocateObjectsRequest;
using wire::control::LocateObjectsResponse;
using wire::control::TicketS3Source;

bool is_folder_marker(const ChannelObject& object) {
  return object.size == 0 && object.name.key.ends_with('/');
}

/// splitmix64 (Steele, Lea, Flood 2014): a few instructions, and the same numbers everywhere, which
/// std::shuffle does not promise.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// Evenly in 0..bound-1 but for one part in 2^32 at most.
  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>((next() >> 32) * static_cast<std::uint64_t>(bound) >> 32);
  }

 private:
  std::uint64_t state_;
};

/// Lines of a stream, each at most kMaxManifestLineBytes long.
class LineSource {
 public:
  LineSource(ByteSource& source, std::string origin)
      : source_(source), origin_(std::move(origin)), block_(std::size_t{256} * 1024) {}

  /// Without its line feed; false at the end.
  bool next(std::string& line) {
    line.clear();
    ++number_;
    for (;;) {
      if (rest_.empty()) rest_ = {block_.data(), source_.read(block_)};
      if (rest_.empty()) return !line.empty();
      const std::size_t end = rest_.find('\n');
      line += rest_.substr(0, end);
      if (line.size() > kMaxManifestLineBytes) {
        throw Error(Blame::Customer,
                    place() + " is longer than the limit of " + human_bytes(kMaxManifestLineBytes) +
                        ". An augmented manifest has one JSON object in every line.");
      }
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      if (end != std::string_view::npos) return true;
    }
  }
  [[nodiscard]] std::string place() const { return origin_ + ", line " + std::to_string(number_); }

 private:
  ByteSource& source_;
  const std::string origin_;
  std::vector<char> block_;
  std::string_view rest_;
  std::int64_t number_ = 0;
};

}  // namespace

std::vector<std::uint32_t> ObjectSource::dealt(std::vector<std::uint32_t> units) const {
  std::size_t kept = 0;
  for (std::size_t i = shard_; i < units.size(); i += shards_) units[kept++] = units[i];
  units.resize(kept);
  return units;
}

std::vector<std::uint32_t> ObjectSource::share() const {
  std::vector<std::uint32_t> units(pieces_.size() / width_);
  std::iota(units.begin(), units.end(), 0U);
  return dealt(std::move(units));
}

std::vector<std::uint32_t> ObjectSource::pass(std::int64_t epoch) const {
  if (!seed_) return share();
  std::vector<std::uint32_t> units(pieces_.size() / width_);
  std::iota(units.begin(), units.end(), 0U);
  // The epoch goes through the generator first: seeds and epochs that lie side by side must not
  // give the same sum.
  SplitMix random(static_cast<std::uint64_t>(*seed_) ^
                  SplitMix(static_cast<std::uint64_t>(epoch)).next());
  for (std::size_t i = units.size(); i > 1; --i) std::swap(units[i - 1], units[random.below(i)]);
  return dealt(std::move(units));
}

std::vector<const ChannelObject*> ObjectSource::shared_objects() const {
  std::vector<const ChannelObject*> shared;
  std::vector<bool> taken(objects_.size());
  for (const std::uint32_t unit : share()) {
    for (const Piece& piece : pieces(unit)) {
      const auto* index = std::get_if<std::uint32_t>(&piece);
      if (index == nullptr || taken[*index]) continue;
      taken[*index] = true;
      shared.push_back(&objects_[*index]);
    }
  }
  return shared;
}

/// One listing under way.
class SourceListing {
 public:
  SourceListing(const wire::control::TicketChannel& channel, const ConnectDaemon& connect,
                const Patience& patience, const std::stop_token& stop)
      : channel_(channel),
        from_(*channel.s3_source),
        where_("channel '" + channel.channel_name + "'"),
        connect_(connect),
        patience_(patience),
        stop_(stop) {}

  ObjectSource take() {
    uri_ = parse_s3_uri(from_.s3_uri, where_ + ", S3Uri");
    source_.seed_ = channel_.shuffle_seed;
    source_.shard_ = static_cast<std::size_t>(from_.shard);
    source_.shards_ = static_cast<std::size_t>(std::max<std::int64_t>(from_.shards, 1));
    if (from_.s3_data_type == "S3Prefix") {
      list_prefix();
    } else if (from_.s3_data_type == "ManifestFile") {
      list_manifest();
    } else if (from_.s3_data_type == "AugmentedManifestFile") {
      list_augmented_manifest();
    } else {
      throw Error(Blame::Customer,
                  Problem{.where = where_ + ", S3DataType",
                          .given = from_.s3_data_type,
                          .expected = "S3Prefix, ManifestFile or AugmentedManifestFile",
                          .fix = {}});
    }
    if (source_.pieces_.empty() && !stop_.stop_requested()) refuse_empty();
    return std::move(source_);
  }

  ObjectSource take_lines(ByteSource& manifest) {
    read_augmented_lines(manifest);
    if (source_.pieces_.empty() && !stop_.stop_requested()) refuse_empty();
    return std::move(source_);
  }

 private:
  void list_prefix() {
    source_.name_prefix_ = uri_.key;
    for (ChannelObject& object :
         list_objects(daemon(), uri_, patience_, stop_, where_ + ", " + from_.s3_uri)) {
      if (is_folder_marker(object)) continue;
      add_piece(static_cast<std::uint32_t>(source_.objects_.size()));
      source_.objects_.push_back(std::move(object));
    }
  }

  void list_manifest() {
    const std::optional<ChannelObject> file = manifest_object();
    if (!file) return;
    ObjectOpener opener(where_, connect_, patience_, stop_);
    source_.manifest_ =
        read_all(*opener.open(*file), kMaxManifestBytes, "the manifest of " + where_);
    const S3Manifest manifest =
        parse_s3_manifest(source_.manifest_, where_ + ", manifest " + from_.s3_uri);
    if (!manifest.prefix.empty())
      source_.name_prefix_ = parse_s3_uri(manifest.prefix, where_ + ", manifest").key;
    for (const std::string& uri : manifest.uris) add_object(uri, {});
    locate_named();
    leave_out_markers();
  }

  void list_augmented_manifest() {
    const std::optional<ChannelObject> file = manifest_object();
    if (!file) return;
    ObjectOpener opener(where_, connect_, patience_, stop_);
    read_augmented_lines(*opener.open(*file));
  }

  void read_augmented_lines(ByteSource& manifest) {
    const std::vector<std::string> attributes =
        from_.attribute_names.value_or(std::vector<std::string>());
    if (attributes.empty()) {
      throw Error(Blame::Customer, where_ + ": an AugmentedManifestFile needs AttributeNames");
    }
    source_.width_ = attributes.size();
    LineSource lines(manifest, where_ + ", manifest " + from_.s3_uri);
    for (std::string line; !stop_.stop_requested() && lines.next(line);) {
      if (trim(line).empty()) continue;
      std::vector<std::string> values = parse_manifest_line(line, attributes, lines.place());
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (is_reference(attributes[i])) {
          add_object(values[i], lines.place() + ", attribute '" + attributes[i] + "'");
        } else {
          add_piece(std::move(values[i]));
        }
      }
    }
    locate_named();
  }

  /// nullopt only when a stop was requested.
  std::optional<ChannelObject> manifest_object() {
    LocateObjectsResponse answer =
        locate({.bucket = uri_.bucket, .prefix = "", .keys = std::vector<std::string>{uri_.key}},
               from_.s3_uri);
    if (stop_.stop_requested()) return std::nullopt;
    if (answer.objects.empty()) refuse_empty();
    return channel_object(uri_.bucket, std::move(answer.objects.front()));
  }

  void add_piece(ObjectSource::Piece piece) {
    if (source_.pieces_.size() == kMaxListedObjects) {
      throw Error(Blame::Customer, where_ + " has more than " + std::to_string(kMaxListedObjects) +
                                       " objects. Pack them into larger ones.");
    }
    source_.pieces_.push_back(std::move(piece));
  }

  /// A piece that is the named object, which locate_named() looks up later.
  void add_object(const std::string& uri, const std::string& place) {
    const auto [known, added] =
        named_.try_emplace(uri, static_cast<std::uint32_t>(source_.objects_.size()));
    if (added) {
      ObjectName name = parse_s3_uri(uri, place.empty() ? where_ + ", manifest" : place);
      if (name.key.empty()) {
        throw Error(Blame::Customer, Problem{.where = place,
                                             .given = uri,
                                             .expected = "the S3 URI of an object",
                                             .fix = "Put the object's key behind the bucket."});
      }
      source_.objects_.push_back({.name = std::move(name), .e_tag = {}, .size = 0, .path = {}});
    }
    add_piece(known->second);
  }

  void locate_named() {
    if (source_.objects_.empty() || stop_.stop_requested()) return;
    locate_objects(daemon(), source_.objects_, patience_, stop_,
                   where_ + ", manifest " + from_.s3_uri);
    if (stop_.stop_requested()) return;
    for (const ChannelObject& object : source_.objects_) {
      if (!object.e_tag.empty()) continue;
      throw Error(Blame::Customer, where_ + ": there is no object " + object.name.uri() +
                                       ", which the manifest " + from_.s3_uri +
                                       " names. Upload it, or take it out of the manifest.");
    }
  }

  void leave_out_markers() {
    std::erase_if(source_.pieces_, [&](const ObjectSource::Piece& piece) {
      return is_folder_marker(source_.objects_[std::get<std::uint32_t>(piece)]);
    });
  }

  /// An empty page when a stop was requested.
  LocateObjectsResponse locate(const LocateObjectsRequest& request, const std::string& what) {
    try {
      return with_retry(patience_, stop_, [&] { return daemon().locate(request); });
    } catch (const Error& error) {
      if (stop_.stop_requested()) return {};
      throw Error(error.blame(), error.code(), where_ + ", " + what + ": " + error.what());
    }
  }

  Daemon& daemon() {
    if (!daemon_) daemon_ = connect_();
    return *daemon_;
  }

  [[noreturn]] void refuse_empty() const {
    throw Error(Blame::Customer, where_ + ": No S3 objects found under S3 URL \"" + from_.s3_uri +
                                     "\" given in input data source. Upload the data first.");
  }

  const wire::control::TicketChannel& channel_;
  const TicketS3Source& from_;
  const std::string where_;
  ObjectName uri_;
  const ConnectDaemon& connect_;
  const Patience& patience_;
  const std::stop_token& stop_;
  std::unique_ptr<Daemon> daemon_;
  ObjectSource source_;
  std::unordered_map<std::string, std::uint32_t> named_;
};

ObjectSource list_source(const wire::control::TicketChannel& channel, const ConnectDaemon& connect,
                         const Patience& patience, const std::stop_token& stop) {
  return SourceListing(channel, connect, patience, stop).take();
}

ObjectSource list_manifest_lines(ByteSource& manifest, const wire::control::TicketChannel& channel,
                                 const ConnectDaemon& connect, const Patience& patience,
                                 const std::stop_token& stop) {
  return SourceListing(channel, connect, patience, stop).take_lines(manifest);
}

}  // namespace millrace::runner

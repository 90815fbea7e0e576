#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/runner/channels/object_bytes.h"

namespace millrace::runner {

/// What a channel reads: the objects below a prefix, those that a manifest names, or the lines of
/// an augmented manifest. It is listed once, before the program starts; every pass delivers the
/// versions that were there then.
///
///     const ObjectSource source = list_source(channel, connect, patience, stop);
///     for (const std::uint32_t unit : source.pass(epoch))
///       for (const ObjectSource::Piece& piece : source.pieces(unit)) deliver(piece);
///
/// Units (an object; an entry of a manifest; a line of an augmented one) are what is shuffled and
/// what is dealt to the hosts that share a ShardedByS3Key channel, one after another in turn. An
/// augmented line has one piece per attribute, other units one. Costs about 300 bytes per object.
class ObjectSource {
 public:
  /// An object, by its place in objects(), or text that is delivered as it is.
  using Piece = std::variant<std::uint32_t, std::string>;

  /// Each once, whatever the number of units that use it.
  [[nodiscard]] const std::vector<ChannelObject>& objects() const { return objects_; }
  /// The same, to give an object another path.
  [[nodiscard]] std::vector<ChannelObject>& objects() { return objects_; }

  /// This host's units in the source's own order: ascending keys, or as the manifest has them.
  [[nodiscard]] std::vector<std::uint32_t> share() const;
  /// This host's units in the order of one epoch (from 0). Without a shuffle seed that is share();
  /// with one all units are permuted and then dealt, so that each epoch has another order and
  /// another deal. The permutation depends on seed and epoch alone: equal on all hosts, equal in a
  /// job that is run again.
  [[nodiscard]] std::vector<std::uint32_t> pass(std::int64_t epoch) const;

  [[nodiscard]] std::span<const Piece> pieces(std::uint32_t unit) const {
    return std::span(pieces_).subspan(unit * width_, width_);
  }
  /// The objects of share(), each once, in its order.
  [[nodiscard]] std::vector<const ChannelObject*> shared_objects() const;

  /// What all keys begin with and their local names leave out (see name_objects): of the S3 URI, or
  /// the manifest's; empty for a manifest of full URIs.
  [[nodiscard]] const std::string& name_prefix() const { return name_prefix_; }
  /// The text of a ManifestFile; empty for other sources.
  [[nodiscard]] const std::string& manifest() const { return manifest_; }

 private:
  friend class SourceListing;

  [[nodiscard]] std::vector<std::uint32_t> dealt(std::vector<std::uint32_t> units) const;

  std::vector<ChannelObject> objects_;
  std::vector<Piece> pieces_;
  std::size_t width_ = 1;
  std::string name_prefix_;
  std::string manifest_;
  std::optional<std::int64_t> seed_;
  std::size_t shard_ = 0;
  std::size_t shards_ = 1;
};

/// Asks the store what `channel`, which has an S3 source, reads. Folder markers are left out. Ends
/// early, incomplete, when `stop` fires. Throws Error naming the channel, and Error(Customer) for
/// no objects at all, a manifest that is none, an object that a manifest names and that is not
/// there, and more than ten million of them.
ObjectSource list_source(const wire::control::TicketChannel& channel, const ConnectDaemon& connect,
                         const Patience& patience, const std::stop_token& stop);

/// The same of an augmented manifest that lies elsewhere: `channel` has its AttributeNames, and as
/// its S3Uri the name that messages call it by.
ObjectSource list_manifest_lines(ByteSource& manifest, const wire::control::TicketChannel& channel,
                                 const ConnectDaemon& connect, const Patience& patience,
                                 const std::stop_token& stop);

}  // namespace millrace::runner

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/fd.h"
#include "core/io/byte_source.h"
#include "core/io/tar_reader.h"
#include "platform/containers/image_store.h"

namespace millrace::containers {

/// Past these an image is refused: a few kilobytes can unpack to more than a disk holds.
struct TreeLimits {
  std::uint64_t bytes = std::uint64_t{64} << 30;
  std::uint64_t entries = 4'000'000;
};

/// The root file system of an image, built layer by layer from members of tar archives that nobody
/// vouches for. Every look-up is resolved by the kernel as if the tree were "/" (openat2,
/// RESOLVE_IN_ROOT), so that links which lead out, absolute or by "..", lead back in, exactly as
/// they do when a program runs in the tree. Nobody else may write to it meanwhile.
///
///     RootTree tree(directory, {});
///     tree.begin_layer("layer 1 of 2", RootTree::Whiteouts::Applied);
///     while (auto member = tar.next_entry()) tree.add(*member, tar);
///
/// Of each member its name, kind, content, time and permission bits are kept; owners are not, since
/// one user runs the program, and set-user-id bits are not. The owner can always read and write
/// what is made. Device nodes, FIFOs and sockets are left out. dropped() tells of it.
class RootTree {
 public:
  enum class Whiteouts { Applied, Kept };

  /// `root` is an existing directory.
  RootTree(const std::filesystem::path& root, TreeLimits limits,
           std::optional<Owner> owner = std::nullopt);

  /// `where` stands at the beginning of errors. Whiteouts remove what lower layers have, not what
  /// the same layer has (OCI image specification, layer.md); in a directory that is copied a file
  /// called ".wh.x" is just that.
  void begin_layer(std::string where, Whiteouts whiteouts);
  /// Reads a file's bytes from `content` up to its end. Throws Error(Customer) "<where>, member
  /// 'x': ..." for names that lead out, hard links to what is not there, kinds that are unknown,
  /// and past the limits; Error(Platform) when the disk is full.
  void add(const TarMember& member, ByteSource& content);

  /// Makes a directory, and those above it, in the place of links and files that have its name:
  /// something will be mounted there, and a mount follows no link.
  void make_directory(const std::string& path);
  /// The same for an empty file, unless there is one; `content` is for a new one.
  void make_file(const std::string& path, const std::string& content);

  /// Opens for reading as a program in the tree would see the path; invalid when it is not there.
  [[nodiscard]] Fd open(const std::string& path, int flags) const;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  ///< of files' content
  /// Members, and the directories above them that no member had made.
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  /// What was left out or changed, one sentence each.
  [[nodiscard]] std::vector<std::string> dropped() const;

 private:
  /// Where a member goes: an open directory and a name in it.
  struct Place {
    Fd directory;
    std::string name;
  };

  [[noreturn]] void refuse_member(const std::string& given, const std::string& expected) const;
  [[noreturn]] void fail() const;
  void count(std::uint64_t bytes);
  void count_entry();
  void drop(const std::string& what);
  /// Parts joined by '/', none of them empty, "." or ".."; a leading '/' is the image's own root.
  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] std::string key_of(const Place& place) const;

  /// Made with everything above it where it is not there; follows at most so many links that lead
  /// to nothing yet.
  Fd open_directory(const std::string& path, int links = 16);
  /// Where a link in the directory `above` leads, without leaving the root.
  [[nodiscard]] std::string target_of_link(const Place& place, const std::string& above) const;
  [[nodiscard]] std::optional<Fd> find_directory(const std::string& path) const;
  Place place_of(const std::string& path);
  void clear(const Place& place) const;
  void own(const Place& place, const TarMember& member) const;
  void white_out(const std::string& above, const std::string& name);
  void remove_lower(const Fd& directory);
  void add_directory(const Place& place, const TarMember& member);
  void add_file(const Place& place, const TarMember& member, ByteSource& content);
  void add_hard_link(const Place& place, const TarMember& member);

  const Fd root_;
  const TreeLimits limits_;
  const std::optional<Owner> owner_;
  std::string layer_;
  std::string where_;
  Whiteouts whiteouts_ = Whiteouts::Applied;
  std::unordered_set<std::string> made_;  ///< key_of() what the current layer has made
  std::vector<char> block_;
  std::uint64_t used_ = 0;  ///< towards limits_.bytes
  std::uint64_t bytes_ = 0;
  std::uint64_t entries_ = 0;
  struct Dropped {
    std::uint64_t count = 0;
    std::string first;
  };
  std::map<std::string, Dropped> dropped_;
};

}  // namespace millrace::containers

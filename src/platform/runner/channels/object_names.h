#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::runner {

/// A key, and whether the object has no bytes: then a key that ends in '/' is a folder marker.
struct ListedKey {
  std::string_view key;
  bool empty = false;
};

/// What a channel's data source delivers, and the file each object becomes below the channel's
/// directory.
struct NamedObject {
  std::size_t index = 0;  ///< into the keys
  std::string path;       ///< relative, never empty, no "." or ".." in it
};

/// The name of one key, which begins with `prefix`: "a/1.jpg" for the key data/a/1.jpg of the
/// prefix data or data/. See name_objects().
std::string local_name(std::string_view prefix, std::string_view key);

/// Names for `keys`, all of which begin with `prefix`: what stands behind "<prefix>/" for keys
/// below the prefix as a folder, otherwise what stands behind the prefix's last '/'. So for the
/// prefix data/train the keys data/train/a/1.jpg and data/train.csv become a/1.jpg and train.csv,
/// and an object named exactly by the prefix keeps its base name. Folder markers (keys that end in
/// '/' with no bytes) are left out.
///
/// Throws Error(Customer) naming the channel and the key when a key cannot be a file below the
/// directory (parts "..",
/// ".", or empty, a NUL byte, a part above 255 bytes), or when two keys would be one file, or one a
/// file where another needs a directory.
std::vector<NamedObject> name_objects(std::string_view channel, std::string_view prefix,
                                      std::span<const ListedKey> keys);

}  // namespace millrace::runner

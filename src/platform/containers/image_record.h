#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::containers {

/// A layer of an unpacked image.
struct RecordedLayer {
  std::string digest;   ///< of the stored bytes; empty where they were stored as tar
  std::string diff_id;  ///< of the tar
  std::uint64_t size = 0;
};

/// What is known of an unpacked image: how to run it, what it was made of and where it came from.
/// Kept as JSON beside its root file system, and in the database with each of its names.
struct ImageRecord {
  std::string id;                 ///< digest of the configuration; names the image's directory
  std::string digest;             ///< of the manifest; the id where there is none
  std::string media_type{};       ///< of the manifest; empty where there is none
  std::string kind{};             ///< "docker-archive", "oci-layout" or "rootfs"
  std::string source{};           ///< the file or directory that it was added from
  std::string reference{};        ///< what the export called it; may be empty
  bool signature_beside = false;  ///< the export held a signature of it, which was not verified
  std::string platform{};         ///< "linux/amd64"
  std::string created{};          ///< when it was built, as it says itself; may be empty
  std::vector<RecordedLayer> layers{};
  std::uint64_t bytes = 0;             ///< of the unpacked files
  std::uint64_t entries = 0;           ///< files, directories and links
  std::vector<std::string> dropped{};  ///< what of it was left out, a sentence each

  std::vector<std::string> entrypoint{};
  std::vector<std::string> arguments{};
  std::map<std::string, std::string> environment{};
  std::string working_directory = "/";
  std::string user{};  ///< as the image has it
  std::int64_t user_id = 0;
  std::int64_t group_id = 0;
  std::string home = "/";
};

std::string record_text(const ImageRecord& record);
/// Throws Error(Customer) "<origin>: ..." for what record_text() has not written.
ImageRecord parse_record(std::string_view text, const std::string& origin);

}  // namespace millrace::containers

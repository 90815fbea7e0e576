#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/containers/image_documents.h"
#include "platform/containers/image_files.h"

namespace millrace::containers {

/// A layer of an exported image.
struct ExportedLayer {
  std::string file;     ///< of the ImageFiles
  std::string digest;   ///< of that file's bytes; empty in old `docker save` archives
  std::string diff_id;  ///< of its bytes as tar
  std::uint64_t size = 0;
};

/// One image of an export, chosen and with its documents checked against their digests.
struct ExportedImage {
  std::string id;                 ///< digest of the configuration: what `docker images` shows
  std::string digest;             ///< of the manifest, by which registries know it; else the id
  std::string media_type;         ///< of the manifest; empty where there is none
  std::string manifest;           ///< its text; empty where there is none
  std::string reference;          ///< what the export calls it, "churn:3"; may be empty
  bool signature_beside = false;  ///< the export holds a signature of it, which is not verified
  ImageConfig config;
  std::vector<ExportedLayer> layers{};  ///< the lowest first
};

/// Finds the image that the export calls `reference`, the only one where that is empty, for
/// `machine`. Reads OCI layouts, in a directory or an archive, and both forms of `docker save`.
/// Throws Error(Customer) when there is none or several to choose from, when it is for another
/// platform, and when a document is missing or has another digest than the one that names it.
ExportedImage find_image(const ImageFiles& files, const std::string& reference,
                         const Platform& machine);

}  // namespace millrace::containers

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/containers/image_documents.h"

namespace millrace::cli {

/// Where a container image comes from, exactly one of the first three, and what a bare root file
/// system says about running it.
struct ContainerOptions {
  std::filesystem::path archive;
  std::filesystem::path layout;
  std::filesystem::path root;
  std::string reference;  ///< of several images; empty: there is one
  std::uint64_t max_gigabytes = 64;
  containers::ImageConfig config{};
  std::vector<std::string> environment{};  ///< "NAME=VALUE"
};

/// Unpacks the image into `data_dir` and has its daemon register it under `name`. Throws
/// Error(Customer) for an image that is not sound, and when this user may not write there.
void add_container(const std::filesystem::path& data_dir, const std::string& name,
                   const ContainerOptions& options);

}  // namespace millrace::cli

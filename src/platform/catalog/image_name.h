#pragma once

#include <string>
#include <string_view>

namespace millrace::catalog {

/// "433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1" taken apart. A first
/// component that holds a dot or a colon, or is "localhost", is the registry, as everywhere in the
/// container world.
struct ImageName {
  std::string registry;    ///< may be empty
  std::string repository;  ///< "image-classification", "team/churn"
  std::string tag;         ///< "1"; empty when there is none
  std::string digest;      ///< "sha256:..."; empty when there is none
};

ImageName parse_image_name(std::string_view image);

}  // namespace millrace::catalog

#include "platform/catalog/image_name.h"

namespace millrace::catalog {

ImageName parse_image_name(std::string_view image) {
  ImageName name;
  if (const std::size_t at = image.find('@'); at != std::string_view::npos) {
    name.digest = image.substr(at + 1);
    image = image.substr(0, at);
  }
  if (const std::size_t slash = image.find('/'); slash != std::string_view::npos) {
    const std::string_view first = image.substr(0, slash);
    if (first == "localhost" || first.find_first_of(".:") != std::string_view::npos) {
      name.registry = first;
      image = image.substr(slash + 1);
    }
  }
  if (const std::size_t colon = image.rfind(':'); colon != std::string_view::npos) {
    name.tag = image.substr(colon + 1);
    image = image.substr(0, colon);
  }
  name.repository = image;
  return name;
}

}  // namespace millrace::catalog

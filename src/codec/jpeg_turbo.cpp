#include <turbojpeg.h>

#include <memory>

#include "codec/image_formats.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

struct CloseHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, CloseHandle>;

/// libjpeg warns of bytes that hurt nothing (padding between markers) and of data that is missing,
/// in the same way; only what it words as one of these has cost pixels.
bool lost_pixels(std::string_view warning) {
  const std::string text = to_lower(warning);
  return text.find("premature end") != std::string::npos ||
         text.find("corrupt jpeg data: bad") != std::string::npos;
}

}  // namespace

bool has_jpeg() {
  return true;
}

Image decode_jpeg(std::string_view bytes, std::string_view origin) {
  // Making a decompressor costs as much as a small image; it keeps no state between images.
  thread_local const Handle decoder(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colour = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling,
                          &colour) != 0) {
    refuse_image(origin, "JPEG", tjGetErrorStr2(decoder.get()));
  }
  check_image_size(width, height, origin);
  const bool grey = colour == TJCS_GRAY;
  Image image{.width = width, .height = height, .channels = grey ? 1 : 3, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.width * image.height * image.channels));
  // A progressive file of thousands of empty scans would take hours: such a one counts as damaged.
  const int status = tjDecompress2(decoder.get(), data, bytes.size(), image.pixels.data(), width, 0,
                                   height, grey ? TJPF_GRAY : TJPF_RGB, TJFLAG_LIMITSCANS);
  if (status != 0 && (tjGetErrorCode(decoder.get()) != TJERR_WARNING ||
                      lost_pixels(tjGetErrorStr2(decoder.get())))) {
    refuse_image(origin, "JPEG", tjGetErrorStr2(decoder.get()));
  }
  return image;
}

std::string encode_jpeg(const Image& image, int quality) {
  const Handle encoder(tjInitCompress());
  unsigned char* data = nullptr;
  unsigned long size = 0;
  const bool grey = image.channels == 1;
  const int status = tjCompress2(encoder.get(), image.pixels.data(), static_cast<int>(image.width),
                                 0, static_cast<int>(image.height), grey ? TJPF_GRAY : TJPF_RGB,
                                 &data, &size, grey ? TJSAMP_GRAY : TJSAMP_444, quality, 0);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, &tjFree);
  if (status != 0)
    throw Error(Blame::Platform, std::string("writing a JPEG: ") + tjGetErrorStr2(encoder.get()));
  return std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace millrace

#include <turbojpeg.h>

#include <algorithm>
#include <limits>
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

/// Red, green and blue of [pixels, 4] inks. Files hold them inverted, as Adobe's programs write
/// them, whether they say so or not; the rounding is OpenCV's, which the original decodes with.
std::vector<std::uint8_t> without_inks(const std::vector<std::uint8_t>& inks) {
  std::vector<std::uint8_t> colors(inks.size() / 4 * 3);
  const std::uint8_t* from = inks.data();
  for (std::size_t to = 0; to < colors.size(); to += 3, from += 4) {
    const int key = from[3];
    for (std::size_t c = 0; c < 3; ++c)
      colors[to + c] = static_cast<std::uint8_t>(key - ((255 - from[c]) * key >> 8));
  }
  return colors;
}

/// The smallest of the decoder's scales, up to the whole, that leaves `longest` at `edge` or more.
tjscalingfactor scale_for(int longest, std::int64_t edge) {
  tjscalingfactor best{1, 1};
  int count = 0;
  const tjscalingfactor* factors = tjGetScalingFactors(&count);
  for (int i = 0; i < count; ++i) {
    const tjscalingfactor& factor = factors[i];
    const bool smaller = factor.num * best.denom < best.num * factor.denom;
    if (smaller && TJSCALED(longest, factor) >= edge) best = factor;
  }
  return best;
}

}  // namespace

bool has_jpeg() {
  return true;
}

Image decode_jpeg(std::string_view bytes, std::string_view origin) {
  return decode_jpeg_near(bytes, std::numeric_limits<int>::max(), origin);
}

Image decode_jpeg_near(std::string_view bytes, std::int64_t edge, std::string_view origin) {
  // Making a decompressor costs as much as a small image; it keeps no state between images.
  thread_local const Handle decoder(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colour = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling,
                          &colour) != 0) {
    refuse_image(origin, "JPEG", tjGetErrorStr2(decoder.get()));
  }
  check_image_size(width, height, origin);
  const tjscalingfactor scale = scale_for(std::max(width, height), edge);
  width = TJSCALED(width, scale);
  height = TJSCALED(height, scale);
  const bool grey = colour == TJCS_GRAY;
  const bool inks = colour == TJCS_CMYK || colour == TJCS_YCCK;
  const int format = grey ? TJPF_GRAY : inks ? TJPF_CMYK : TJPF_RGB;
  Image image{.width = width, .height = height, .channels = grey ? 1 : 3, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.width * image.height * tjPixelSize[format]));
  // A progressive file of thousands of empty scans would take hours: such a one counts as damaged.
  const int status = tjDecompress2(decoder.get(), data, bytes.size(), image.pixels.data(), width, 0,
                                   height, format, TJFLAG_LIMITSCANS);
  if (status != 0 && (tjGetErrorCode(decoder.get()) != TJERR_WARNING ||
                      lost_pixels(tjGetErrorStr2(decoder.get())))) {
    refuse_image(origin, "JPEG", tjGetErrorStr2(decoder.get()));
  }
  if (inks) image.pixels = without_inks(image.pixels);
  return image;
}

std::string encode_jpeg(const Image& image, int quality, Chroma chroma) {
  thread_local const Handle encoder(tjInitCompress());
  thread_local std::string room;
  const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  const bool grey = image.channels == 1;
  const int sampling = grey ? TJSAMP_GRAY : chroma == Chroma::Whole ? TJSAMP_444 : TJSAMP_420;
  room.resize(tjBufSize(width, height, sampling));
  auto* data = reinterpret_cast<unsigned char*>(room.data());
  unsigned long size = room.size();
  // libturbojpeg would take its coarse transform below quality 96, where libjpeg's other users
  // (OpenCV, Pillow) have the accurate one.
  const int status =
      tjCompress2(encoder.get(), image.pixels.data(), width, 0, height, grey ? TJPF_GRAY : TJPF_RGB,
                  &data, &size, sampling, quality, TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT);
  if (status != 0)
    throw Error(Blame::Platform, std::string("writing a JPEG: ") + tjGetErrorStr2(encoder.get()));
  return room.substr(0, size);
}

}  // namespace millrace

#include "trainer/report/gallery.h"

#include <algorithm>

#include "trainer/report/html.h"

namespace millrace::html {
namespace {

/// Interpolating between the pixels of an icon makes it harder to recognise.
constexpr std::int64_t kTinyEdge = 64;

}  // namespace

std::string gallery(const std::vector<GalleryPicture>& pictures) {
  std::string text = "<div class=\"gallery\">\n";
  for (const GalleryPicture& each : pictures) {
    std::string picture = inline_picture(each.picture, each.good);
    if (std::max(each.picture.width, each.picture.height) <= kTinyEdge)
      picture.insert(sizeof("<img") - 1, " class=\"tiny\"");
    text += "<figure><div class=\"frame\">" + picture + "</div><figcaption><span class=\"good\">" +
            escaped(each.good) + "</span><br><span class=\"bad\">" + escaped(each.bad) + "</span>";
    for (const std::string& note : each.notes) text += "<small>" + escaped(note) + "</small>";
    text += "</figcaption></figure>\n";
  }
  return text + "</div>\n";
}

}  // namespace millrace::html
